# %% setup
import numpy as np
from scipy import stats


# %% reference
def holm(scores, alpha):
    differences = scores[:, 1:] - scores[:, :1]
    p = stats.ttest_1samp(differences, 0).pvalue
    verdicts = ["no clear difference"] * len(p)
    for place, variant in enumerate(np.argsort(p)):
        if p[variant] >= alpha / (len(p) - place):
            break
        better = differences[:, variant].mean() > 0
        verdicts[variant] = "better" if better else "worse"
    return verdicts


# %% right: by adjusted p-values
def holm(scores, alpha):
    p = np.array([stats.ttest_rel(column, scores[:, 0]).pvalue for column in scores.T[1:]])
    order = np.argsort(p)
    adjusted = np.empty(len(p))
    adjusted[order] = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    means = scores[:, 1:].mean(axis=0) - scores[:, 0].mean()
    sign = np.where(means > 0, "better", "worse")
    return np.where(adjusted < alpha, sign, "no clear difference").tolist()


# %% right: with t by hand, as a tuple
def holm(scores, alpha):
    n, variants = len(scores), scores.shape[1] - 1
    t = []
    for v in range(1, variants + 1):
        d = [row[v] - row[0] for row in scores]
        mean = sum(d) / n
        variance = sum((x - mean) ** 2 for x in d) / (n - 1)
        t.append(mean / (variance / n) ** 0.5)
    left, verdicts = set(range(variants)), ["no clear difference"] * variants
    while left:
        v = max(left, key=lambda one: abs(t[one]))
        if 2 * stats.t.sf(abs(t[v]), n - 1) >= alpha / len(left):
            break
        verdicts[v] = "better" if t[v] > 0 else "worse"
        left.remove(v)
    return tuple(verdicts)


# %% wrong: nothing is corrected | nothing is corrected
def holm(scores, alpha):
    differences = scores[:, 1:] - scores[:, :1]
    p = stats.ttest_1samp(differences, 0).pvalue
    sign = np.where(differences.mean(axis=0) > 0, "better", "worse")
    return np.where(p < alpha, sign, "no clear difference").tolist()


# %% wrong: Bonferroni | Bonferroni
def holm(scores, alpha):
    differences = scores[:, 1:] - scores[:, :1]
    p = stats.ttest_1samp(differences, 0).pvalue
    sign = np.where(differences.mean(axis=0) > 0, "better", "worse")
    return np.where(p < alpha / len(p), sign, "no clear difference").tolist()


# %% wrong: goes on after a failure | stops at the first
def holm(scores, alpha):
    differences = scores[:, 1:] - scores[:, :1]
    p = stats.ttest_1samp(differences, 0).pvalue
    ranks = stats.rankdata(p) - 1
    sign = np.where(differences.mean(axis=0) > 0, "better", "worse")
    found = p < alpha / (len(p) - ranks)
    return np.where(found, sign, "no clear difference").tolist()


# %% wrong: from the largest p-value | begin with the smallest
def holm(scores, alpha):
    differences = scores[:, 1:] - scores[:, :1]
    p = stats.ttest_1samp(differences, 0).pvalue
    order = np.argsort(p)
    passed = [n for n, v in enumerate(order) if p[v] < alpha / (len(p) - n)]
    found = np.zeros(len(p), bool)
    found[order[: max(passed, default=-1) + 1]] = True
    sign = np.where(differences.mean(axis=0) > 0, "better", "worse")
    return np.where(found, sign, "no clear difference").tolist()


# %% wrong: not paired | unpaired
def holm(scores, alpha):
    p = stats.ttest_ind(scores[:, 1:], scores[:, :1]).pvalue
    verdicts = ["no clear difference"] * len(p)
    for place, variant in enumerate(np.argsort(p)):
        if p[variant] >= alpha / (len(p) - place):
            break
        better = scores[:, variant + 1].mean() > scores[:, 0].mean()
        verdicts[variant] = "better" if better else "worse"
    return verdicts


# %% wrong: one-sided | one-sided
def holm(scores, alpha):
    differences = scores[:, 1:] - scores[:, :1]
    p = stats.ttest_1samp(differences, 0).pvalue / 2
    verdicts = ["no clear difference"] * len(p)
    for place, variant in enumerate(np.argsort(p)):
        if p[variant] >= alpha / (len(p) - place):
            break
        better = differences[:, variant].mean() > 0
        verdicts[variant] = "better" if better else "worse"
    return verdicts


# %% wrong: baseline minus variant | exchanged
def holm(scores, alpha):
    differences = scores[:, :1] - scores[:, 1:]
    p = stats.ttest_1samp(differences, 0).pvalue
    verdicts = ["no clear difference"] * len(p)
    for place, variant in enumerate(np.argsort(p)):
        if p[variant] >= alpha / (len(p) - place):
            break
        better = differences[:, variant].mean() > 0
        verdicts[variant] = "better" if better else "worse"
    return verdicts


# %% wrong: in the order of the p-values | order of the columns
def holm(scores, alpha):
    differences = scores[:, 1:] - scores[:, :1]
    p = stats.ttest_1samp(differences, 0).pvalue
    verdicts = ["no clear difference"] * len(p)
    for place, variant in enumerate(np.argsort(p)):
        if p[variant] >= alpha / (len(p) - place):
            break
        better = differences[:, variant].mean() > 0
        verdicts[place] = "better" if better else "worse"
    return verdicts


# %% wrong: a verdict for the baseline too | each variant but the baseline
def holm(scores, alpha):
    return ["no clear difference"] * scores.shape[1]


# %% wrong: other words | none of the three
def holm(scores, alpha):
    return ["significant"] * (scores.shape[1] - 1)


# %% wrong: never a difference | sorted p-values
def holm(scores, alpha):
    return ["no clear difference"] * (scores.shape[1] - 1)


# %% wrong: the stub | stub
def holm(scores, alpha): ...
