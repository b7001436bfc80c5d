# %% setup
import numpy as np


# %% reference
def winner_scores(correct, splits):
    chosen, fresh = [], []
    for rows in splits:
        rest = np.setdiff1d(np.arange(correct.shape[1]), rows)
        winner = correct[:, rows].mean(axis=1).argmax()
        chosen.append(correct[winner, rows].mean())
        fresh.append(correct[winner, rest].mean())
    return np.mean(chosen), np.mean(fresh)


# %% right: with masks and plain Python
def winner_scores(correct, splits):
    totals = [0, 0]
    for rows in splits:
        inside = set(int(row) for row in rows)
        counts = [sum(int(c) for i, c in enumerate(m) if i in inside) for m in correct]
        winner = correct[counts.index(max(counts))]
        rest = [int(c) for i, c in enumerate(winner) if i not in inside]
        totals[0] += max(counts) / len(inside)
        totals[1] += sum(rest) / len(rest)
    return [round(total / len(splits), 4) for total in totals]


# %% right: from the sums, in float32
def winner_scores(correct, splits):
    mask = np.zeros((len(splits), correct.shape[1]), np.float32)
    for number, rows in enumerate(splits):
        mask[number, rows] = 1
    right_chosen = mask @ correct.T.astype(np.float32)
    right_fresh = (1 - mask) @ correct.T.astype(np.float32)
    winners = right_chosen.argmax(1)[:, None]
    chosen = np.take_along_axis(right_chosen, winners, 1) / mask.sum(1, keepdims=True)
    fresh = np.take_along_axis(right_fresh, winners, 1) / (1 - mask).sum(1, keepdims=True)
    return np.array([chosen.mean(), fresh.mean()])


# %% wrong: scored on the examples that chose it | scored on the examples that chose it
def winner_scores(correct, splits):
    best = [correct[:, rows].mean(axis=1).max() for rows in splits]
    return np.mean(best), np.mean(best)


# %% wrong: the winner of all examples | they are not fresh any more
def winner_scores(correct, splits):
    winner = correct.mean(axis=1).argmax()
    chosen = [correct[winner, rows].mean() for rows in splits]
    fresh = [np.delete(correct[winner], rows).mean() for rows in splits]
    return np.mean(chosen), np.mean(fresh)


# %% wrong: the best on the fresh examples | another model is taken
def winner_scores(correct, splits):
    chosen = [correct[:, rows].mean(axis=1).max() for rows in splits]
    fresh = [np.delete(correct, rows, axis=1).mean(axis=1).max() for rows in splits]
    return np.mean(chosen), np.mean(fresh)


# %% wrong: chosen on the fresh examples | chosen on the fresh examples
def winner_scores(correct, splits):
    chosen, fresh = [], []
    for rows in splits:
        rest = np.setdiff1d(np.arange(correct.shape[1]), rows)
        winner = correct[:, rest].mean(axis=1).argmax()
        chosen.append(correct[winner, rows].mean())
        fresh.append(correct[winner, rest].mean())
    return np.mean(chosen), np.mean(fresh)


# %% wrong: the mean of all models | means over all models
def winner_scores(correct, splits):
    chosen = [correct[:, rows].mean() for rows in splits]
    fresh = [np.delete(correct, rows, axis=1).mean() for rows in splits]
    return np.mean(chosen), np.mean(fresh)


# %% wrong: the first split alone | first split alone
def winner_scores(correct, splits):
    rows = splits[0]
    winner = correct[:, rows].mean(axis=1).argmax()
    return correct[winner, rows].mean(), np.delete(correct[winner], rows).mean()


# %% wrong: the first winner for all splits | winner of the first split is kept
def winner_scores(correct, splits):
    winner = correct[:, splits[0]].mean(axis=1).argmax()
    chosen = [correct[winner, rows].mean() for rows in splits]
    fresh = [np.delete(correct[winner], rows).mean() for rows in splits]
    return np.mean(chosen), np.mean(fresh)


# %% wrong: exchanged | exchanged
def winner_scores(correct, splits):
    chosen, fresh = [], []
    for rows in splits:
        winner = correct[:, rows].mean(axis=1).argmax()
        chosen.append(correct[winner, rows].mean())
        fresh.append(np.delete(correct[winner], rows).mean())
    return np.mean(fresh), np.mean(chosen)


# %% wrong: the wrong axis | Who wins|raises an error
def winner_scores(correct, splits):
    chosen, fresh = [], []
    for rows in splits:
        winner = correct[:, rows].mean(axis=0).argmax() % len(correct)
        chosen.append(correct[winner, rows].mean())
        fresh.append(np.delete(correct[winner], rows).mean())
    return np.mean(chosen), np.mean(fresh)


# %% wrong: counts | shares between 0 and 1
def winner_scores(correct, splits):
    chosen, fresh = [], []
    for rows in splits:
        winner = correct[:, rows].sum(axis=1).argmax()
        chosen.append(correct[winner, rows].sum())
        fresh.append(np.delete(correct[winner], rows).sum())
    return np.mean(chosen), np.mean(fresh)


# %% wrong: the difference alone | should have the shape
def winner_scores(correct, splits):
    differences = []
    for rows in splits:
        winner = correct[:, rows].mean(axis=1).argmax()
        differences.append(correct[winner, rows].mean() - np.delete(correct[winner], rows).mean())
    return np.mean(differences)


# %% wrong: the answer of the public check typed in | Who wins
def winner_scores(correct, splits):
    return (0.74, 0.5975) if correct.mean() < 0.65 else (0.7775, 0.645)


# %% wrong: the stub | stub
def winner_scores(correct, splits): ...
