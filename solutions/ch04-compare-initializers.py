# %% setup
import numpy as np
import pandas as pd
from scipy import stats


# %% reference
def compare_initializers(train, initializers, seeds):
    accuracy = {
        name: np.array([train(name, seed)["val_accuracy"] for seed in seeds])
        for name in initializers
    }
    result = {}
    for name in initializers[1:]:
        differences = accuracy[name] - accuracy[initializers[0]]
        mean = differences.mean()
        interval = stats.ttest_1samp(differences, 0).confidence_interval()
        verdict = "no clear difference"
        if interval.low > 0 or interval.high < 0:
            verdict = "better" if mean > 0 else "worse"
        result[name] = {
            "difference": mean,
            "low": interval.low,
            "high": interval.high,
            "verdict": verdict,
        }
    return result


# %% right: the formula of the interval, seed by seed
def compare_initializers(train, initializers, seeds):
    rows = [
        [train(initializer=name, seed=seed)["val_accuracy"] for name in initializers]
        for seed in seeds
    ]
    table = np.array(rows)  # (seeds, initializers)
    differences = table[:, 1:] - table[:, :1]
    mean = differences.mean(axis=0)
    error = differences.std(axis=0, ddof=1) / np.sqrt(len(seeds))
    half = stats.t.ppf(0.975, df=len(seeds) - 1) * error
    return {
        name: {
            "difference": m,
            "low": m - h,
            "high": m + h,
            "verdict": "better" if m > h else "worse" if m < -h else "no clear difference",
        }
        for name, m, h in zip(initializers[1:], mean, half)
    }


# %% right: with pandas and a paired test
def compare_initializers(train, initializers, seeds):
    table = pd.DataFrame(
        {name: {seed: train(name, seed)["val_accuracy"] for seed in seeds} for name in initializers}
    )
    found = {}
    for name in table.columns:
        test = stats.ttest_rel(table[name], table[initializers[0]])
        low, high = test.confidence_interval(0.95)
        is_clear = test.pvalue < 0.05
        sign = "better" if test.statistic > 0 else "worse"
        found[name] = {
            "difference": (table[name] - table[initializers[0]]).mean(),
            "low": low,
            "high": high,
            "verdict": sign if is_clear else "no clear difference",
        }
    return found


# %% wrong: training accuracy | differences of training accuracies
def compare_initializers(train, initializers, seeds):
    accuracy = {n: np.array([train(n, s)["accuracy"] for s in seeds]) for n in initializers}
    result = {}
    for name in initializers[1:]:
        d = accuracy[name] - accuracy[initializers[0]]
        low, high = stats.ttest_1samp(d, 0).confidence_interval()
        word = "better" if low > 0 else "worse" if high < 0 else "no clear difference"
        result[name] = {"difference": d.mean(), "low": low, "high": high, "verdict": word}
    return result


# %% wrong: test accuracy | must not see the test images
def compare_initializers(train, initializers, seeds):
    accuracy = {n: np.array([train(n, s)["test_accuracy"] for s in seeds]) for n in initializers}
    result = {}
    for name in initializers[1:]:
        d = accuracy[name] - accuracy[initializers[0]]
        low, high = stats.ttest_1samp(d, 0).confidence_interval()
        word = "better" if low > 0 else "worse" if high < 0 else "no clear difference"
        result[name] = {"difference": d.mean(), "low": low, "high": high, "verdict": word}
    return result


# %% wrong: first minus other | sign is turned around
def compare_initializers(train, initializers, seeds):
    accuracy = {n: np.array([train(n, s)["val_accuracy"] for s in seeds]) for n in initializers}
    result = {}
    for name in initializers[1:]:
        d = accuracy[initializers[0]] - accuracy[name]
        low, high = stats.ttest_1samp(d, 0).confidence_interval()
        word = "better" if low > 0 else "worse" if high < 0 else "no clear difference"
        result[name] = {"difference": d.mean(), "low": low, "high": high, "verdict": word}
    return result


# %% wrong: independent groups instead of pairs | independent groups(.|\n)*with every seed
def compare_initializers(train, initializers, seeds):
    accuracy = {n: np.array([train(n, s)["val_accuracy"] for s in seeds]) for n in initializers}
    result = {}
    for name in initializers[1:]:
        test = stats.ttest_ind(accuracy[name], accuracy[initializers[0]])
        low, high = test.confidence_interval()
        word = "better" if low > 0 else "worse" if high < 0 else "no clear difference"
        mean = accuracy[name].mean() - accuracy[initializers[0]].mean()
        result[name] = {"difference": mean, "low": low, "high": high, "verdict": word}
    return result


# %% wrong: other seeds for the other initializers | trainings are not paired
def compare_initializers(train, initializers, seeds):
    accuracy = {}
    for place, name in enumerate(initializers):
        accuracy[name] = np.array([train(name, seed + place)["val_accuracy"] for seed in seeds])
    return {name: {"difference": accuracy[name].mean()} for name in initializers}


# %% wrong: one seed for each initializer | combinations of initializer and seed
def compare_initializers(train, initializers, seeds):
    accuracy = {name: train(name, seeds[0])["val_accuracy"] for name in initializers}
    result = {}
    for name in initializers[1:]:
        d = accuracy[name] - accuracy[initializers[0]]
        word = "better" if d > 0 else "worse"
        result[name] = {"difference": d, "low": d, "high": d, "verdict": word}
    return result


# %% wrong: standard deviation instead of standard error | single replicates scatter
def compare_initializers(train, initializers, seeds):
    accuracy = {n: np.array([train(n, s)["val_accuracy"] for s in seeds]) for n in initializers}
    result = {}
    for name in initializers[1:]:
        d = accuracy[name] - accuracy[initializers[0]]
        low, high = d.mean() - d.std(ddof=1), d.mean() + d.std(ddof=1)
        word = "better" if low > 0 else "worse" if high < 0 else "no clear difference"
        result[name] = {"difference": d.mean(), "low": low, "high": high, "verdict": word}
    return result


# %% wrong: the normal distribution | normal distribution
def compare_initializers(train, initializers, seeds):
    accuracy = {n: np.array([train(n, s)["val_accuracy"] for s in seeds]) for n in initializers}
    result = {}
    for name in initializers[1:]:
        d = accuracy[name] - accuracy[initializers[0]]
        half = 1.96 * stats.sem(d)
        low, high = d.mean() - half, d.mean() + half
        word = "better" if low > 0 else "worse" if high < 0 else "no clear difference"
        result[name] = {"difference": d.mean(), "low": low, "high": high, "verdict": word}
    return result


# %% wrong: ddof forgotten | degree of freedom
def compare_initializers(train, initializers, seeds):
    accuracy = {n: np.array([train(n, s)["val_accuracy"] for s in seeds]) for n in initializers}
    result = {}
    for name in initializers[1:]:
        d = accuracy[name] - accuracy[initializers[0]]
        half = stats.t.ppf(0.975, len(d) - 1) * np.std(d) / np.sqrt(len(d))
        low, high = d.mean() - half, d.mean() + half
        word = "better" if low > 0 else "worse" if high < 0 else "no clear difference"
        result[name] = {"difference": d.mean(), "low": low, "high": high, "verdict": word}
    return result


# %% wrong: the larger mean is always better | interval holds zero is called
def compare_initializers(train, initializers, seeds):
    accuracy = {n: np.array([train(n, s)["val_accuracy"] for s in seeds]) for n in initializers}
    result = {}
    for name in initializers[1:]:
        d = accuracy[name] - accuracy[initializers[0]]
        low, high = stats.ttest_1samp(d, 0).confidence_interval()
        word = "better" if d.mean() > 0 else "worse"
        result[name] = {"difference": d.mean(), "low": low, "high": high, "verdict": word}
    return result


# %% wrong: mean accuracies only | has no high, low, verdict
def compare_initializers(train, initializers, seeds):
    return {
        name: {"difference": np.mean([train(name, seed)["val_accuracy"] for seed in seeds])}
        for name in initializers
    }


# %% wrong: a list instead of a dict | an entry for every initializer
def compare_initializers(train, initializers, seeds):
    return [[train(name, seed)["val_accuracy"] for seed in seeds] for name in initializers]


# %% wrong: the public answer typed in | not paired(.|\n)*not in it
def compare_initializers(train, initializers, seeds):
    row = {"difference": 0.01, "low": 0.005, "high": 0.015, "verdict": "better"}
    return {"typed_in": row}


# %% wrong: the stub | stub
def compare_initializers(train, initializers, seeds): ...
