# %% setup
import numpy as np


# %% reference
def select(p, y, size):
    of_label = p[:, np.arange(len(y)), y]
    chosen = []
    total = np.zeros(len(y))
    for step in range(size):
        losses = -np.log((total + of_label) / (step + 1)).mean(axis=1)
        chosen.append(int(losses.argmin()))
        total = total + of_label[chosen[-1]]
    return chosen


# %% right: in plain loops
def select(p, y, size):
    chosen = []
    while len(chosen) < size:
        best, best_loss = None, np.inf
        for candidate in range(len(p)):
            mean = p[chosen + [candidate]].mean(axis=0)
            loss = -np.mean([np.log(mean[i, y[i]]) for i in range(len(y))])
            if loss < best_loss:
                best, best_loss = candidate, loss
        chosen.append(best)
    return chosen


# %% right: with sums, without the constant
def select(p, y, size):
    of_label = np.take_along_axis(p, y[None, :, None], axis=2)[..., 0]
    counts = np.zeros(len(p))
    order = np.zeros(size)
    for step in range(size):
        sums = counts @ of_label + of_label
        order[step] = np.log(sums).sum(axis=1).argmax()
        counts[int(order[step])] += 1
    return order


# %% wrong: each network once | more than once
def select(p, y, size):
    chosen = []
    for _ in range(size):
        losses = []
        for k in range(len(p)):
            mean = p[chosen + [k]].mean(axis=0)
            loss = -np.log(mean[np.arange(len(y)), y]).mean()
            losses.append(np.inf if k in chosen else loss)
        chosen.append(int(np.argmin(losses)))
    return chosen


# %% wrong: the best alone | best alone
def select(p, y, size):
    losses = -np.log(p[:, np.arange(len(y)), y]).mean(axis=1)
    return np.argsort(losses)[:size]


# %% wrong: the mean of the losses | mean taken before the logarithm
def select(p, y, size):
    chosen = []
    for _ in range(size):
        losses = [
            -np.log(p[chosen + [k]][:, np.arange(len(y)), y]).mean() for k in range(len(p))
        ]
        chosen.append(int(np.argmin(losses)))
    return chosen


# %% wrong: by accuracy | accuracy of the vote
def select(p, y, size):
    chosen = []
    for _ in range(size):
        right = [(p[chosen + [k]].mean(axis=0).argmax(axis=1) == y).mean() for k in range(len(p))]
        chosen.append(int(np.argmax(right)))
    return chosen


# %% wrong: the highest cross-entropy | worst choices|first choice is wrong
def select(p, y, size):
    chosen = []
    for _ in range(size):
        losses = [
            -np.log(p[chosen + [k]].mean(axis=0)[np.arange(len(y)), y]).mean()
            for k in range(len(p))
        ]
        chosen.append(int(np.argmax(losses)))
    return chosen


# %% wrong: with the last one only | not at the last one
def select(p, y, size):
    chosen = []
    for _ in range(size):
        losses = [
            -np.log(p[chosen[-1:] + [k]].mean(axis=0)[np.arange(len(y)), y]).mean()
            for k in range(len(p))
        ]
        chosen.append(int(np.argmin(losses)))
    return chosen


# %% wrong: sorted | not in the order
def select(p, y, size):
    of_label = p[:, np.arange(len(y)), y]
    chosen = []
    for _ in range(size):
        sums = of_label[chosen].sum(axis=0) + of_label
        chosen.append(int(np.log(sums).mean(axis=1).argmax()))
    return sorted(chosen)


# %% wrong: the losses instead of the networks | first choice is wrong
def select(p, y, size):
    of_label = p[:, np.arange(len(y)), y]
    return np.sort(-np.log(of_label).mean(axis=1))[:size]


# %% wrong: one more | shape
def select(p, y, size):
    return [0] * (size + 1)


# %% wrong: the stub | stub
def select(p, y, size): ...
