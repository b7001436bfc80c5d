# %% setup
import numpy as np


# %% reference
def distance(a, b, kind):
    if kind == "hamming":
        return sum(p != q for p, q in zip(a, b))
    if kind == "manhattan":
        return np.abs(a - b).sum()
    return np.sqrt(((a - b) ** 2).sum())


# %% right: with norms, and texts as arrays of letters
def distance(a, b, kind):
    if kind == "euclidean":
        return np.linalg.norm(a - b)
    if kind == "manhattan":
        return np.linalg.norm(a - b, ord=1)
    return np.count_nonzero(np.array(list(a)) != np.array(list(b)))


# %% right: in plain Python
def distance(a, b, kind):
    pairs = list(zip(a, b))
    if kind == "euclidean":
        return sum((p - q) ** 2 for p, q in pairs) ** 0.5
    if kind == "manhattan":
        return sum(abs(p - q) for p, q in pairs)
    return len([1 for p, q in pairs if p != q])


# %% right: with SciPy
def distance(a, b, kind):
    from scipy.spatial import distance as of

    if kind == "hamming":
        return of.hamming(list(a), list(b)) * len(a)
    return {"euclidean": of.euclidean, "manhattan": of.cityblock}[kind](a, b)


# %% wrong: forgot the root | squared distance
def distance(a, b, kind):
    if kind == "hamming":
        return sum(p != q for p, q in zip(a, b))
    if kind == "manhattan":
        return np.abs(a - b).sum()
    return ((a - b) ** 2).sum()


# %% wrong: averages | averaged
def distance(a, b, kind):
    if kind == "hamming":
        return sum(p != q for p, q in zip(a, b))
    if kind == "manhattan":
        return np.abs(a - b).mean()
    return np.sqrt(((a - b) ** 2).mean())


# %% wrong: no absolute values | opposite sign
def distance(a, b, kind):
    if kind == "hamming":
        return sum(p != q for p, q in zip(a, b))
    if kind == "manhattan":
        return (a - b).sum()
    return np.sqrt(((a - b) ** 2).sum())


# %% wrong: the largest difference | largest difference
def distance(a, b, kind):
    if kind == "hamming":
        return sum(p != q for p, q in zip(a, b))
    if kind == "manhattan":
        return np.abs(a - b).max()
    return np.sqrt(((a - b) ** 2).sum())


# %% wrong: Euclidean and Manhattan exchanged | This is the Euclidean distance
def distance(a, b, kind):
    if kind == "hamming":
        return sum(p != q for p, q in zip(a, b))
    if kind == "euclidean":
        return np.abs(a - b).sum()
    return np.sqrt(((a - b) ** 2).sum())


# %% wrong: counts what agrees | that agree
def distance(a, b, kind):
    if kind == "hamming":
        return sum(p == q for p, q in zip(a, b))
    if kind == "manhattan":
        return np.abs(a - b).sum()
    return np.sqrt(((a - b) ** 2).sum())


# %% wrong: a share instead of a number | share
def distance(a, b, kind):
    if kind == "hamming":
        return np.mean([p != q for p, q in zip(a, b)])
    if kind == "manhattan":
        return np.abs(a - b).sum()
    return np.sqrt(((a - b) ** 2).sum())


# %% wrong: compares texts as a whole | texts as a whole
def distance(a, b, kind):
    if kind == "hamming":
        return int(np.sum(a != b))
    if kind == "manhattan":
        return np.abs(a - b).sum()
    return np.sqrt(((a - b) ** 2).sum())


# %% wrong: compares the sets of letters | set
def distance(a, b, kind):
    if kind == "hamming":
        return len(set(a) ^ set(b))
    if kind == "manhattan":
        return np.abs(a - b).sum()
    return np.sqrt(((a - b) ** 2).sum())


# %% wrong: subtracts texts | raises an error
def distance(a, b, kind):
    if kind == "hamming":
        return np.count_nonzero(a - b)
    if kind == "manhattan":
        return np.abs(a - b).sum()
    return np.sqrt(((a - b) ** 2).sum())


# %% wrong: the example typed in | texts, 'hamming'
def distance(a, b, kind):
    if kind == "hamming":
        return 3 if isinstance(a, str) and len(a) < 10 else 0
    if kind == "manhattan":
        return np.abs(a - b).sum()
    return np.sqrt(((a - b) ** 2).sum())


# %% wrong: Hamming is missing | return
def distance(a, b, kind):
    if kind == "manhattan":
        return np.abs(a - b).sum()
    if kind == "euclidean":
        return np.sqrt(((a - b) ** 2).sum())


# %% wrong: the stub | stub
def distance(a, b, kind): ...
