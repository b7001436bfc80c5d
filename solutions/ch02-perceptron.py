# %% setup
import numpy as np


# %% reference
def perceptron(x, y, learning_rate, epochs):
    weights, mistakes = np.zeros(x.shape[1]), []
    for _ in range(epochs):
        count = 0
        for row, label in zip(x, y):
            error = label - (row @ weights >= 0)
            weights = weights + learning_rate * error * row
            count += error != 0
        mistakes.append(count)
        if count == 0:
            break
    return weights, mistakes


# %% right: changes the weights only after a mistake, with indices
def perceptron(x, y, learning_rate, epochs):
    w = np.zeros(len(x[0]), dtype=np.float32)
    mistakes = []
    while len(mistakes) < epochs and (not mistakes or mistakes[-1] > 0):
        mistakes.append(0)
        for i in range(len(x)):
            output = 1 if np.dot(w, x[i]) >= 0 else 0
            if output != y[i]:
                mistakes[-1] += 1
                if y[i] == 1:
                    w += learning_rate * x[i]
                else:
                    w -= learning_rate * x[i]
    return w, np.array(mistakes)


# %% right: in plain Python, returns lists
def perceptron(x, y, learning_rate, epochs):
    weights = [0.0] * len(x[0])
    mistakes = []
    for epoch in range(epochs):
        wrong = 0
        for row, label in zip(x.tolist(), y.tolist()):
            z = sum(w * v for w, v in zip(weights, row))
            difference = label - int(z >= 0)
            if difference:
                wrong += 1
                weights = [
                    w + learning_rate * difference * v
                    for w, v in zip(weights, row)
                ]
        mistakes += [wrong]
        if wrong == 0:
            return [weights, mistakes]
    return [weights, mistakes]


# %% wrong: the difference the other way round | sign of the difference
def perceptron(x, y, learning_rate, epochs):
    weights, mistakes = np.zeros(x.shape[1]), []
    for _ in range(epochs):
        count = 0
        for row, label in zip(x, y):
            error = (row @ weights >= 0) - label
            weights = weights + learning_rate * error * row
            count += error != 0
        mistakes.append(count)
        if count == 0:
            break
    return weights, mistakes


# %% wrong: forgets the learning rate | learning rate is missing
def perceptron(x, y, learning_rate, epochs):
    weights, mistakes = np.zeros(x.shape[1]), []
    for _ in range(epochs):
        count = 0
        for row, label in zip(x, y):
            error = label - (row @ weights >= 0)
            weights = weights + error * row
            count += error != 0
        mistakes.append(count)
        if count == 0:
            break
    return weights, mistakes


# %% wrong: the unit says 0 at 0 | the sum is 0
def perceptron(x, y, learning_rate, epochs):
    weights, mistakes = np.zeros(x.shape[1]), []
    for _ in range(epochs):
        count = 0
        for row, label in zip(x, y):
            error = label - (row @ weights > 0)
            weights = weights + learning_rate * error * row
            count += error != 0
        mistakes.append(count)
        if count == 0:
            break
    return weights, mistakes


# %% wrong: all examples at once | before the next one is looked at
def perceptron(x, y, learning_rate, epochs):
    weights, mistakes = np.zeros(x.shape[1]), []
    for _ in range(epochs):
        errors = y - (x @ weights >= 0)
        weights = weights + learning_rate * errors @ x
        mistakes.append(np.count_nonzero(errors))
        if mistakes[-1] == 0:
            break
    return weights, mistakes


# %% wrong: no threshold | the sum itself
def perceptron(x, y, learning_rate, epochs):
    weights, mistakes = np.zeros(x.shape[1]), []
    for _ in range(epochs):
        count = 0
        for row, label in zip(x, y):
            error = label - row @ weights
            weights = weights + learning_rate * error * row
            count += error != 0
        mistakes.append(count)
        if count == 0 or np.abs(weights).max() > 1e6:
            break
    return weights, mistakes


# %% wrong: examples in random order | order of the examples
def perceptron(x, y, learning_rate, epochs):
    weights, mistakes = np.zeros(x.shape[1]), []
    rng = np.random.default_rng(0)
    for _ in range(epochs):
        count = 0
        for i in rng.permutation(len(x)):
            error = y[i] - (x[i] @ weights >= 0)
            weights = weights + learning_rate * error * x[i]
            count += error != 0
        mistakes.append(count)
        if count == 0:
            break
    return weights, mistakes


# %% wrong: starts with random weights | Start with zeros
def perceptron(x, y, learning_rate, epochs):
    weights = np.random.default_rng(0).normal(size=x.shape[1])
    mistakes = []
    for _ in range(epochs):
        count = 0
        for row, label in zip(x, y):
            error = label - (row @ weights >= 0)
            weights = weights + learning_rate * error * row
            count += error != 0
        mistakes.append(count)
        if count == 0:
            break
    return weights, mistakes


# %% wrong: one epoch too few | still all 0
def perceptron(x, y, learning_rate, epochs):
    weights, mistakes = np.zeros(x.shape[1]), []
    for _ in range(epochs - 1):
        count = 0
        for row, label in zip(x, y):
            error = label - (row @ weights >= 0)
            weights = weights + learning_rate * error * row
            count += error != 0
        mistakes.append(count)
        if count == 0:
            break
    return weights, mistakes


# %% wrong: never stops early | should stop after the first epoch without
def perceptron(x, y, learning_rate, epochs):
    weights, mistakes = np.zeros(x.shape[1]), []
    for _ in range(epochs):
        count = 0
        for row, label in zip(x, y):
            error = label - (row @ weights >= 0)
            weights = weights + learning_rate * error * row
            count += error != 0
        mistakes.append(count)
    return weights, mistakes


# %% wrong: the last epoch is not in the list | belongs to the list
def perceptron(x, y, learning_rate, epochs):
    weights, mistakes = np.zeros(x.shape[1]), []
    for _ in range(epochs):
        count = 0
        for row, label in zip(x, y):
            error = label - (row @ weights >= 0)
            weights = weights + learning_rate * error * row
            count += error != 0
        if count == 0:
            break
        mistakes.append(count)
    return weights, mistakes


# %% wrong: mistakes are not counted anew | counted anew
def perceptron(x, y, learning_rate, epochs):
    weights, mistakes, count = np.zeros(x.shape[1]), [], 0
    for _ in range(epochs):
        before = count
        for row, label in zip(x, y):
            error = label - (row @ weights >= 0)
            weights = weights + learning_rate * error * row
            count += error != 0
        mistakes.append(count)
        if count == before:
            break
    return weights, mistakes


# %% wrong: stops at the first example that is right | by hand
def perceptron(x, y, learning_rate, epochs):
    weights, mistakes = np.zeros(x.shape[1]), []
    for _ in range(epochs):
        count = 0
        for row, label in zip(x, y):
            error = label - (row @ weights >= 0)
            if error == 0:
                break
            weights = weights + learning_rate * error * row
            count += 1
        mistakes.append(count)
        if count == 0:
            break
    return weights, mistakes


# %% wrong: returns the weights only | return two things
def perceptron(x, y, learning_rate, epochs):
    weights = np.zeros(x.shape[1])
    for _ in range(epochs):
        for row, label in zip(x, y):
            error = label - (row @ weights >= 0)
            weights = weights + learning_rate * error * row
    return weights


# %% wrong: the stub | stub
def perceptron(x, y, learning_rate, epochs): ...
