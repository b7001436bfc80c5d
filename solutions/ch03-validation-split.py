# %% setup
import numpy as np
import pandas as pd


# %% reference
def split_and_scale(x, y, x_test, validation, seed):
    order = np.random.default_rng(seed).permutation(len(x))
    valid, train = order[:validation], order[validation:]
    mean, width = x[train].mean(axis=0), x[train].std(axis=0)
    width[width == 0] = 1
    return {
        "x_train": (x[train] - mean) / width,
        "y_train": y[train],
        "x_valid": (x[valid] - mean) / width,
        "y_valid": y[valid],
        "x_test": (x_test - mean) / width,
    }


# %% right: with pandas, which divides by n - 1
def split_and_scale(x, y, x_test, validation, seed):
    table = pd.DataFrame(x)
    chosen = table.sample(validation, random_state=seed).index
    rest = table.drop(chosen)
    mean, width = rest.mean(), rest.std().replace(0, 1)
    return dict(
        x_train=((rest - mean) / width).to_numpy(),
        y_train=y[rest.index],
        x_valid=(table.loc[chosen] - mean) / width,
        y_valid=y[chosen],
        x_test=(pd.DataFrame(x_test) - mean) / width,
    )


# %% right: in place, in float32, with a small number against the division by 0
def split_and_scale(x, y, x_test, validation, seed):
    rng = np.random.RandomState(seed)
    rows = rng.choice(len(y), len(y), replace=False)
    x, y = x[rows].astype("float32"), list(y[rows])
    x_train, x_valid = x[:-validation], x[-validation:]
    mean = x_train.mean(0)
    width = x_train.std(0) + 1e-5
    for part in (x_train, x_valid, x_test):
        part -= mean
        part /= width
    x_train[:, 3], x_valid[:, 3] = 0, 0
    return {
        "x_train": x_train.tolist(),
        "y_train": y[:-validation],
        "x_valid": x_valid,
        "y_valid": y[-validation:],
        "x_test": x_test,
    }


# %% wrong: scales before the split | what came first
def split_and_scale(x, y, x_test, validation, seed):
    mean, width = x.mean(axis=0), x.std(axis=0)
    width[width < 1e-9] = 1
    x = (x - mean) / width
    order = np.random.default_rng(seed).permutation(len(x))
    valid, train = order[:validation], order[validation:]
    return {
        "x_train": x[train],
        "y_train": y[train],
        "x_valid": x[valid],
        "y_valid": y[valid],
        "x_test": (x_test - mean) / width,
    }


# %% wrong: the statistics use the test data | test data have taken part
def split_and_scale(x, y, x_test, validation, seed):
    order = np.random.default_rng(seed).permutation(len(x))
    valid, train = order[:validation], order[validation:]
    both = np.concatenate([x, x_test])
    mean, width = both.mean(axis=0), both.std(axis=0)
    width[width < 1e-9] = 1
    return {
        "x_train": (x[train] - mean) / width,
        "y_train": y[train],
        "x_valid": (x[valid] - mean) / width,
        "y_valid": y[valid],
        "x_test": (x_test - mean) / width,
    }


# %% wrong: each part with its own statistics | with its own mean and standard deviation
def split_and_scale(x, y, x_test, validation, seed):
    def scaled(part):
        width = part.std(axis=0)
        return (part - part.mean(axis=0)) / np.where(width < 1e-9, 1, width)

    order = np.random.default_rng(seed).permutation(len(x))
    valid, train = order[:validation], order[validation:]
    return {
        "x_train": scaled(x[train]),
        "y_train": y[train],
        "x_valid": scaled(x[valid]),
        "y_valid": y[valid],
        "x_test": scaled(x_test),
    }


# %% wrong: the wrong axis | each example, not each column
def split_and_scale(x, y, x_test, validation, seed):
    def scaled(part):
        return (part - part.mean(1, keepdims=True)) / part.std(1, keepdims=True)

    order = np.random.default_rng(seed).permutation(len(x))
    valid, train = order[:validation], order[validation:]
    return {
        "x_train": scaled(x[train]),
        "y_train": y[train],
        "x_valid": scaled(x[valid]),
        "y_valid": y[valid],
        "x_test": scaled(x_test),
    }


# %% wrong: no axis | One mean and one standard deviation
def split_and_scale(x, y, x_test, validation, seed):
    order = np.random.default_rng(seed).permutation(len(x))
    valid, train = order[:validation], order[validation:]
    mean, width = x[train].mean(), x[train].std()
    return {
        "x_train": (x[train] - mean) / width,
        "y_train": y[train],
        "x_valid": (x[valid] - mean) / width,
        "y_valid": y[valid],
        "x_test": (x_test - mean) / width,
    }


# %% wrong: no shuffling | one block of neighbors
def split_and_scale(x, y, x_test, validation, seed):
    x_train, x_valid = x[:-validation], x[-validation:]
    mean, width = x_train.mean(axis=0), x_train.std(axis=0)
    width[width < 1e-9] = 1
    return {
        "x_train": (x_train - mean) / width,
        "y_train": y[:-validation],
        "x_valid": (x_valid - mean) / width,
        "y_valid": y[-validation:],
        "x_test": (x_test - mean) / width,
    }


# %% wrong: another seed than the one that is given | Every `seed` gives the same split
def split_and_scale(x, y, x_test, validation, seed):
    order = np.random.default_rng(42).permutation(len(x))
    valid, train = order[:validation], order[validation:]
    mean, width = x[train].mean(axis=0), x[train].std(axis=0)
    width[width < 1e-9] = 1
    return {
        "x_train": (x[train] - mean) / width,
        "y_train": y[train],
        "x_valid": (x[valid] - mean) / width,
        "y_valid": y[valid],
        "x_test": (x_test - mean) / width,
    }


# %% wrong: no seed | another split each time
def split_and_scale(x, y, x_test, validation, seed):
    order = np.random.default_rng().permutation(len(x))
    valid, train = order[:validation], order[validation:]
    mean, width = x[train].mean(axis=0), x[train].std(axis=0)
    width[width < 1e-9] = 1
    return {
        "x_train": (x[train] - mean) / width,
        "y_train": y[train],
        "x_valid": (x[valid] - mean) / width,
        "y_valid": y[valid],
        "x_test": (x_test - mean) / width,
    }


# %% wrong: images and targets shuffled apart | were both shuffled alike
def split_and_scale(x, y, x_test, validation, seed):
    rng = np.random.default_rng(seed)
    x, y = rng.permutation(x), rng.permutation(y)
    x_train, x_valid = x[validation:], x[:validation]
    mean, width = x_train.mean(axis=0), x_train.std(axis=0)
    width[width < 1e-9] = 1
    return {
        "x_train": (x_train - mean) / width,
        "y_train": y[validation:],
        "x_valid": (x_valid - mean) / width,
        "y_valid": y[:validation],
        "x_test": (x_test - mean) / width,
    }


# %% wrong: validation examples stay in the training part | should have the shape
def split_and_scale(x, y, x_test, validation, seed):
    valid = np.random.default_rng(seed).permutation(len(x))[:validation]
    mean, width = x.mean(axis=0), x.std(axis=0)
    width[width < 1e-9] = 1
    return {
        "x_train": (x - mean) / width,
        "y_train": y,
        "x_valid": (x[valid] - mean) / width,
        "y_valid": y[valid],
        "x_test": (x_test - mean) / width,
    }


# %% wrong: drawn with replacement | in both parts, or twice
def split_and_scale(x, y, x_test, validation, seed):
    order = np.random.default_rng(seed).integers(0, len(x), len(x))
    valid, train = order[:validation], order[validation:]
    mean, width = x[train].mean(axis=0), x[train].std(axis=0)
    width[width < 1e-9] = 1
    return {
        "x_train": (x[train] - mean) / width,
        "y_train": y[train],
        "x_valid": (x[valid] - mean) / width,
        "y_valid": y[valid],
        "x_test": (x_test - mean) / width,
    }


# %% wrong: divides by 0 in the column that never changes | not finite
def split_and_scale(x, y, x_test, validation, seed):
    order = np.random.default_rng(seed).permutation(len(x))
    valid, train = order[:validation], order[validation:]
    mean, width = x[train].mean(axis=0), x[train].std(axis=0)
    width[-1] = 0  # rounding may leave something
    with np.errstate(all="ignore"):
        return {
            "x_train": (x[train] - mean) / width,
            "y_train": y[train],
            "x_valid": (x[valid] - mean) / width,
            "y_valid": y[valid],
            "x_test": (x_test - mean) / width,
        }


# %% wrong: forgets to scale the test data | `x_test` is scaled wrongly. It is not scaled at all
def split_and_scale(x, y, x_test, validation, seed):
    order = np.random.default_rng(seed).permutation(len(x))
    valid, train = order[:validation], order[validation:]
    mean, width = x[train].mean(axis=0), x[train].std(axis=0)
    width[width < 1e-9] = 1
    return {
        "x_train": (x[train] - mean) / width,
        "y_train": y[train],
        "x_valid": (x[valid] - mean) / width,
        "y_valid": y[valid],
        "x_test": x_test,
    }


# %% wrong: the targets scaled too | leave the targets as they are
def split_and_scale(x, y, x_test, validation, seed):
    order = np.random.default_rng(seed).permutation(len(x))
    valid, train = order[:validation], order[validation:]
    mean, width = x[train].mean(axis=0), x[train].std(axis=0)
    width[width < 1e-9] = 1
    y = (y - y.mean()) / y.std()
    return {
        "x_train": (x[train] - mean) / width,
        "y_train": y[train],
        "x_valid": (x[valid] - mean) / width,
        "y_valid": y[valid],
        "x_test": (x_test - mean) / width,
    }


# %% wrong: the stub | stub
def split_and_scale(x, y, x_test, validation, seed): ...
