# %% setup
from math import comb

import numpy as np
from scipy import stats


# %% reference
from math import comb

from scipy import stats


def compare_splits(alone, reused, tries):
    runs = reused - alone
    gains = runs.mean(axis=1)
    low, high = stats.t.interval(0.95, len(gains) - 1, gains.mean(), stats.sem(gains))
    chances = [comb(place, tries - 1) for place in range(runs.size)]
    return {
        "gain": gains.mean(),
        "low": low,
        "high": high,
        "wins": np.mean(gains > 0),
        "searched": np.average(np.sort(runs, axis=None), weights=chances),
    }


# %% right: by simulation, written out
def compare_splits(alone, reused, tries):
    rng = np.random.default_rng(0)
    splits, seeds = alone.shape
    gains = [np.mean([reused[s, r] - alone[s, r] for r in range(seeds)]) for s in range(splits)]
    mean = sum(gains) / splits
    variance = sum((g - mean) ** 2 for g in gains) / (splits - 1)
    half = stats.t.ppf(0.975, splits - 1) * (variance / splits) ** 0.5
    runs = (reused - alone).ravel()
    order = rng.random((20_000, runs.size)).argpartition(tries, axis=1)[:, :tries]
    searched = runs[order].max(axis=1).mean()
    wins = sum(g > 0 for g in gains) / splits
    return {
        "gain": mean,
        "low": mean - half,
        "high": mean + half,
        "wins": wins,
        "searched": searched,
    }


# %% right: the largest by its distribution function, and SciPy's test
def compare_splits(alone, reused, tries):
    test = stats.ttest_rel(reused.mean(1), alone.mean(1))
    interval = test.confidence_interval()
    runs = np.sort((reused - alone).ravel())
    at_most = np.array([comb(k, tries) / comb(len(runs), tries) for k in range(len(runs) + 1)])
    return {
        "gain": (reused - alone).mean(),
        "low": interval.low,
        "high": interval.high,
        "wins": float((reused.sum(1) > alone.sum(1)).mean()),
        "searched": float(runs @ np.diff(at_most)),
        "splits": len(alone),
    }


# %% wrong: every run counts as a split | counts as a split of its own
def compare_splits(alone, reused, tries):
    runs = (reused - alone).ravel()
    low, high = stats.t.interval(0.95, len(runs) - 1, runs.mean(), stats.sem(runs))
    chances = [comb(place, tries - 1) for place in range(runs.size)]
    searched = np.average(np.sort(runs), weights=chances)
    wins = np.mean((reused - alone).mean(axis=1) > 0)
    return {"gain": runs.mean(), "low": low, "high": high, "wins": wins, "searched": searched}


# %% wrong: not paired | independent groups
def compare_splits(alone, reused, tries):
    gains = (reused - alone).mean(axis=1)
    test = stats.ttest_ind(reused.mean(axis=1), alone.mean(axis=1))
    interval = test.confidence_interval()
    chances = [comb(place, tries - 1) for place in range(alone.size)]
    searched = np.average(np.sort(reused - alone, axis=None), weights=chances)
    return {
        "gain": gains.mean(),
        "low": interval.low,
        "high": interval.high,
        "wins": np.mean(gains > 0),
        "searched": searched,
    }


# %% wrong: the normal distribution | normal distribution
def compare_splits(alone, reused, tries):
    gains = (reused - alone).mean(axis=1)
    half = 1.96 * stats.sem(gains)
    chances = [comb(place, tries - 1) for place in range(alone.size)]
    return {
        "gain": gains.mean(),
        "low": gains.mean() - half,
        "high": gains.mean() + half,
        "wins": np.mean(gains > 0),
        "searched": np.average(np.sort(reused - alone, axis=None), weights=chances),
    }


# %% wrong: the spread of splits | how far single splits scatter
def compare_splits(alone, reused, tries):
    gains = (reused - alone).mean(axis=1)
    half = 1.96 * gains.std(ddof=1)
    chances = [comb(place, tries - 1) for place in range(alone.size)]
    return {
        "gain": gains.mean(),
        "low": gains.mean() - half,
        "high": gains.mean() + half,
        "wins": np.mean(gains > 0),
        "searched": np.average(np.sort(reused - alone, axis=None), weights=chances),
    }


# %% wrong: wins of runs | wins of single runs
def compare_splits(alone, reused, tries):
    runs = reused - alone
    gains = runs.mean(axis=1)
    low, high = stats.t.interval(0.95, len(gains) - 1, gains.mean(), stats.sem(gains))
    chances = [comb(place, tries - 1) for place in range(runs.size)]
    return {
        "gain": gains.mean(),
        "low": low,
        "high": high,
        "wins": np.mean(runs > 0),
        "searched": np.average(np.sort(runs, axis=None), weights=chances),
    }


# %% wrong: the largest of all | would a search always find it
def compare_splits(alone, reused, tries):
    runs = reused - alone
    gains = runs.mean(axis=1)
    low, high = stats.t.interval(0.95, len(gains) - 1, gains.mean(), stats.sem(gains))
    wins = np.mean(gains > 0)
    return {"gain": gains.mean(), "low": low, "high": high, "wins": wins, "searched": runs.max()}


# %% wrong: a search among means of splits | among means of splits
def compare_splits(alone, reused, tries):
    gains = np.sort((reused - alone).mean(axis=1))
    low, high = stats.t.interval(0.95, len(gains) - 1, gains.mean(), stats.sem(gains))
    chances = [comb(place, tries - 1) for place in range(len(gains))]
    searched = np.average(gains, weights=chances)
    wins = np.mean(gains > 0)
    return {"gain": gains.mean(), "low": low, "high": high, "wins": wins, "searched": searched}


# %% wrong: the sign turned around | turned around
def compare_splits(alone, reused, tries):
    runs = alone - reused
    gains = runs.mean(axis=1)
    low, high = stats.t.interval(0.95, len(gains) - 1, gains.mean(), stats.sem(gains))
    chances = [comb(place, tries - 1) for place in range(runs.size)]
    return {
        "gain": gains.mean(),
        "low": low,
        "high": high,
        "wins": np.mean(gains > 0),
        "searched": np.average(np.sort(runs, axis=None), weights=chances),
    }


# %% wrong: a forgotten entry | it has no searched
def compare_splits(alone, reused, tries):
    gains = (reused - alone).mean(axis=1)
    low, high = stats.t.interval(0.95, len(gains) - 1, gains.mean(), stats.sem(gains))
    return {"gain": gains.mean(), "low": low, "high": high, "wins": np.mean(gains > 0)}


# %% wrong: the wrong axis | interval over seeds|mean gain of a split
def compare_splits(alone, reused, tries):
    runs = reused - alone
    gains = runs.mean(axis=0)
    low, high = stats.t.interval(0.95, len(gains) - 1, gains.mean(), stats.sem(gains))
    chances = [comb(place, tries - 1) for place in range(runs.size)]
    return {
        "gain": gains.mean(),
        "low": low,
        "high": high,
        "wins": np.mean(runs.mean(axis=1) > 0),
        "searched": np.average(np.sort(runs, axis=None), weights=chances),
    }


# %% wrong: the stub | stub
def compare_splits(alone, reused, tries): ...
