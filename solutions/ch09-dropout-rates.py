# %% setup
import numpy as np


# %% reference
def choose_rate(results):
    by_rate = results.groupby("rate")["val_accuracy"]
    mean, error = by_rate.mean(), by_rate.sem()
    best = mean.idxmax()
    return mean.index[mean >= mean[best] - error[best]].max()


# %% right: with NumPy
def choose_rate(results):
    rate = results["rate"].to_numpy()
    accuracy = results["val_accuracy"].to_numpy()
    rates = np.unique(rate)
    groups = [accuracy[rate == r] for r in rates]
    means = np.array([np.mean(group) for group in groups])
    best = groups[int(np.argmax(means))]
    limit = best.mean() - best.std(ddof=1) / np.sqrt(len(best))
    return float(rates[means >= limit][-1])


# %% right: from a pivoted table, the strongest rate first
def choose_rate(results):
    wide = results.pivot(index="replicate", columns="rate", values="val_accuracy")
    summary = wide.agg(["mean", "std"]).T
    best = summary.sort_values("mean").iloc[-1]
    limit = best["mean"] - best["std"] / len(wide) ** 0.5
    for rate in sorted(wide.columns, reverse=True):
        if summary.loc[rate, "mean"] >= limit:
            return rate


# %% wrong: the best mean | is it the strongest
def choose_rate(results):
    return results.groupby("rate")["val_accuracy"].mean().idxmax()


# %% wrong: training accuracy | no dropout always looks best
def choose_rate(results):
    by_rate = results.groupby("rate")["accuracy"]
    mean, error = by_rate.mean(), by_rate.sem()
    best = mean.idxmax()
    return mean.index[mean >= mean[best] - error[best]].max()


# %% wrong: the test images | chosen on the test images
def choose_rate(results):
    by_rate = results.groupby("rate")["test_accuracy"]
    mean, error = by_rate.mean(), by_rate.sem()
    best = mean.idxmax()
    return mean.index[mean >= mean[best] - error[best]].max()


# %% wrong: the best single replicate | lucky replicate
def choose_rate(results):
    return results.loc[results["val_accuracy"].idxmax(), "rate"]


# %% wrong: standard deviation instead of standard error | One standard deviation was allowed
def choose_rate(results):
    by_rate = results.groupby("rate")["val_accuracy"]
    mean, spread = by_rate.mean(), by_rate.std()
    best = mean.idxmax()
    return mean.index[mean >= mean[best] - spread[best]].max()


# %% wrong: the weakest rate within one standard error | weakest rate within
def choose_rate(results):
    by_rate = results.groupby("rate")["val_accuracy"]
    mean, error = by_rate.mean(), by_rate.sem()
    best = mean.idxmax()
    return mean.index[mean >= mean[best] - error[best]].min()


# %% wrong: the strongest of all | strongest rate of all
def choose_rate(results):
    return results["rate"].max()


# %% wrong: the accuracy instead of the rate | accuracy, not a rate
def choose_rate(results):
    return results.groupby("rate")["val_accuracy"].mean().max()


# %% wrong: the position | a position
def choose_rate(results):
    return int(np.argmax(results.groupby("rate")["val_accuracy"].mean()))


# %% wrong: all rates that are good enough | should be a number
def choose_rate(results):
    by_rate = results.groupby("rate")["val_accuracy"]
    mean, error = by_rate.mean(), by_rate.sem()
    best = mean.idxmax()
    return list(mean.index[mean >= mean[best] - error[best]])


# %% wrong: the usual value typed in | Wrong where
def choose_rate(results):
    return 0.5


# %% wrong: the stub | stub
def choose_rate(results): ...
