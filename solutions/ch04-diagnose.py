# %% setup
import numpy as np


# %% reference
def diagnose(table):
    hidden = table.iloc[:-1]
    first, last = hidden.iloc[0], hidden.iloc[-1]
    if last["example_std"] < 0.01 * last["signal_std"]:
        return "signal lost"
    if not np.isfinite(hidden["gradient_std"]).all():
        return "exploding"
    ratio = first["gradient_std"] / last["gradient_std"]
    if ratio < 0.01:
        return "vanishing"
    return "exploding" if ratio > 100 else "healthy"


# %% right: with the names of the layers, in plain Python
def diagnose(table):
    rows = [row for row in table.to_dict("records") if row["name"] != "output"]
    share = rows[-1]["example_std"] / rows[-1]["signal_std"]
    ratio = rows[0]["gradient_std"] / rows[-1]["gradient_std"]
    if share < 0.01:
        return "signal lost"
    if ratio < 0.01:
        return "vanishing"
    if 0.01 <= ratio <= 100:
        return "healthy"
    return "exploding"


# %% right: with masks and logarithms
def diagnose(table):
    is_hidden = (table["activation"] != "softmax").to_numpy()
    gradient = table.loc[is_hidden, "gradient_std"].to_numpy()
    share = (table["example_std"] / table["signal_std"])[is_hidden].iloc[-1]
    with np.errstate(all="ignore"):
        decades = np.log10(gradient[0] / gradient[-1])
    conditions = [share < 0.01, decades < -2, not decades <= 2, True]
    names = ["signal lost", "vanishing", "exploding", "healthy"]
    return np.array(names)[np.argmax(conditions)]


# %% wrong: the output layer counts as the last one | Is the output layer left out
def diagnose(table):
    first, last = table.iloc[0], table.iloc[-1]
    if last["example_std"] < 0.01 * last["signal_std"]:
        return "signal lost"
    ratio = first["gradient_std"] / last["gradient_std"]
    if not np.isfinite(ratio) or ratio > 100:
        return "exploding"
    return "vanishing" if ratio < 0.01 else "healthy"


# %% wrong: the ratio upside down | upside down
def diagnose(table):
    first, last = table.iloc[0], table.iloc[-2]
    if last["example_std"] < 0.01 * last["signal_std"]:
        return "signal lost"
    ratio = last["gradient_std"] / first["gradient_std"]
    if not np.isfinite(ratio) or ratio > 100:
        return "exploding"
    return "vanishing" if ratio < 0.01 else "healthy"


# %% wrong: example_std against the first layer | example_std with signal_std
def diagnose(table):
    first, last = table.iloc[0], table.iloc[-2]
    if last["example_std"] < 0.01 * first["example_std"]:
        return "signal lost"
    ratio = first["gradient_std"] / last["gradient_std"]
    if not np.isfinite(ratio) or ratio > 100:
        return "exploding"
    return "vanishing" if ratio < 0.01 else "healthy"


# %% wrong: the spread over everything decides about the signal | Lost signals.*Which column
def diagnose(table):
    first, last = table.iloc[0], table.iloc[-2]
    if last["signal_std"] < 0.01 * first["signal_std"]:
        return "signal lost"
    ratio = first["gradient_std"] / last["gradient_std"]
    if not np.isfinite(ratio) or ratio > 100:
        return "exploding"
    return "vanishing" if ratio < 0.01 else "healthy"


# %% wrong: the gradient is asked first | which of the two is to be named
def diagnose(table):
    first, last = table.iloc[0], table.iloc[-2]
    ratio = first["gradient_std"] / last["gradient_std"]
    if not np.isfinite(ratio) or ratio > 100:
        return "exploding"
    if ratio < 0.01:
        return "vanishing"
    if last["example_std"] < 0.01 * last["signal_std"]:
        return "signal lost"
    return "healthy"


# %% wrong: NaN forgotten | NaN > 100 is False
def diagnose(table):
    first, last = table.iloc[0], table.iloc[-2]
    if last["example_std"] < 0.01 * last["signal_std"]:
        return "signal lost"
    ratio = first["gradient_std"] / last["gradient_std"]
    if ratio < 0.01:
        return "vanishing"
    return "exploding" if ratio > 100 else "healthy"


# %% wrong: the gradient of the weights | Vanishing gradients are not
def diagnose(table):
    first, last = table.iloc[0], table.iloc[-2]
    if last["example_std"] < 0.01 * last["signal_std"]:
        return "signal lost"
    ratio = first["weight_gradient_std"] / last["weight_gradient_std"]
    if not np.isfinite(ratio) or ratio > 100:
        return "exploding"
    return "vanishing" if ratio < 0.01 else "healthy"


# %% wrong: absolute limits instead of ratios | are ratios of gradient_std compared
def diagnose(table):
    first, last = table.iloc[0], table.iloc[-2]
    if last["example_std"] < 0.01 * last["signal_std"]:
        return "signal lost"
    if not first["gradient_std"] < 100:
        return "exploding"
    return "vanishing" if first["gradient_std"] < 1e-3 else "healthy"


# %% wrong: stricter limits than the task's | Healthy networks are not
def diagnose(table):
    first, last = table.iloc[0], table.iloc[-2]
    if last["example_std"] < 0.01 * last["signal_std"]:
        return "signal lost"
    ratio = first["gradient_std"] / last["gradient_std"]
    if not np.isfinite(ratio) or ratio > 3:
        return "exploding"
    return "vanishing" if ratio < 1 / 3 else "healthy"


# %% wrong: everything is healthy | Every network is
def diagnose(table):
    return "healthy"


# %% wrong: other words | none of the four
def diagnose(table):
    last = table.iloc[-2]
    if last["example_std"] < 0.01 * last["signal_std"]:
        return "no signal"
    ratio = table.iloc[0]["gradient_std"] / last["gradient_std"]
    return "good" if 0.01 < ratio < 100 else "bad"


# %% wrong: columns of another table | raises an error: KeyError
def diagnose(table):
    return "healthy" if table["gradient"].iloc[0] > 0.01 else "vanishing"


# %% wrong: the stub | stub
def diagnose(table): ...
