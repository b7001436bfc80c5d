# %% setup
import math

import keras
import numpy as np


# %% reference
def warm_up_cosine(step, peak_rate, final_rate, warm_up_steps, total_steps):
    if step < warm_up_steps:
        return peak_rate * step / warm_up_steps
    progress = min((step - warm_up_steps) / (total_steps - warm_up_steps), 1)
    height = (1 + np.cos(np.pi * progress)) / 2
    return final_rate + (peak_rate - final_rate) * height


# %% right: as a mean of both rates, with numpy
def warm_up_cosine(step, peak_rate, final_rate, warm_up_steps, total_steps):
    if warm_up_steps and step <= warm_up_steps:
        return np.interp(step, [0, warm_up_steps], [0, peak_rate])
    step = np.clip(step, warm_up_steps, total_steps)
    angle = np.pi * (step - warm_up_steps) / (total_steps - warm_up_steps)
    middle, swing = (peak_rate + final_rate) / 2, (peak_rate - final_rate) / 2
    return middle + swing * np.cos(angle)


# %% right: with the schedule of Keras, in float32
def warm_up_cosine(step, peak_rate, final_rate, warm_up_steps, total_steps):
    if step < warm_up_steps:
        return np.float32(step / warm_up_steps * peak_rate)
    falling = keras.optimizers.schedules.CosineDecay(
        peak_rate, total_steps - warm_up_steps, alpha=final_rate / peak_rate
    )
    return float(falling(step - warm_up_steps))


# %% wrong: warm-up a step too early | A step too early
def warm_up_cosine(step, peak_rate, final_rate, warm_up_steps, total_steps):
    if step < warm_up_steps:
        return peak_rate * (step + 1) / warm_up_steps
    progress = min((step - warm_up_steps) / (total_steps - warm_up_steps), 1)
    return final_rate + (peak_rate - final_rate) * (1 + math.cos(math.pi * progress)) / 2


# %% wrong: progress counted from step 0 | counted from step 0
def warm_up_cosine(step, peak_rate, final_rate, warm_up_steps, total_steps):
    if step < warm_up_steps:
        return peak_rate * step / warm_up_steps
    progress = min(step / total_steps, 1)
    return final_rate + (peak_rate - final_rate) * (1 + math.cos(math.pi * progress)) / 2


# %% wrong: the fall divided by all steps | too late
def warm_up_cosine(step, peak_rate, final_rate, warm_up_steps, total_steps):
    if step < warm_up_steps:
        return peak_rate * step / warm_up_steps
    progress = min((step - warm_up_steps) / total_steps, 1)
    return final_rate + (peak_rate - final_rate) * (1 + math.cos(math.pi * progress)) / 2


# %% wrong: a whole period | whole period
def warm_up_cosine(step, peak_rate, final_rate, warm_up_steps, total_steps):
    if step < warm_up_steps:
        return peak_rate * step / warm_up_steps
    progress = min((step - warm_up_steps) / (total_steps - warm_up_steps), 1)
    return final_rate + (peak_rate - final_rate) * (1 + math.cos(2 * math.pi * progress)) / 2


# %% wrong: the cosine itself | It becomes negative
def warm_up_cosine(step, peak_rate, final_rate, warm_up_steps, total_steps):
    if step < warm_up_steps:
        return peak_rate * step / warm_up_steps
    progress = min((step - warm_up_steps) / (total_steps - warm_up_steps), 1)
    return peak_rate * math.cos(math.pi * progress)


# %% wrong: the final rate forgotten | It falls to 0
def warm_up_cosine(step, peak_rate, final_rate, warm_up_steps, total_steps):
    if step < warm_up_steps:
        return peak_rate * step / warm_up_steps
    progress = min((step - warm_up_steps) / (total_steps - warm_up_steps), 1)
    return peak_rate * (1 + math.cos(math.pi * progress)) / 2


# %% wrong: the final rate added on top | height of the fall
def warm_up_cosine(step, peak_rate, final_rate, warm_up_steps, total_steps):
    if step < warm_up_steps:
        return peak_rate * step / warm_up_steps
    progress = min((step - warm_up_steps) / (total_steps - warm_up_steps), 1)
    return final_rate + peak_rate * (1 + math.cos(math.pi * progress)) / 2


# %% wrong: rises again after the end | rises again
def warm_up_cosine(step, peak_rate, final_rate, warm_up_steps, total_steps):
    if step < warm_up_steps:
        return peak_rate * step / warm_up_steps
    progress = (step - warm_up_steps) / (total_steps - warm_up_steps)
    return final_rate + (peak_rate - final_rate) * (1 + math.cos(math.pi * progress)) / 2


# %% wrong: divides by 0 without warm-up | ZeroDivisionError
def warm_up_cosine(step, peak_rate, final_rate, warm_up_steps, total_steps):
    rising = peak_rate * step / warm_up_steps
    if step < warm_up_steps:
        return rising
    progress = min((step - warm_up_steps) / (total_steps - warm_up_steps), 1)
    return final_rate + (peak_rate - final_rate) * (1 + math.cos(math.pi * progress)) / 2


# %% wrong: the sign before the cosine | look at the sign
def warm_up_cosine(step, peak_rate, final_rate, warm_up_steps, total_steps):
    if step < warm_up_steps:
        return peak_rate * step / warm_up_steps
    progress = min((step - warm_up_steps) / (total_steps - warm_up_steps), 1)
    return final_rate + (peak_rate - final_rate) * (1 - math.cos(math.pi * progress)) / 2


# %% wrong: no warm-up | no warm-up
def warm_up_cosine(step, peak_rate, final_rate, warm_up_steps, total_steps):
    progress = min(step / total_steps, 1)
    return final_rate + (peak_rate - final_rate) * (1 + math.cos(math.pi * progress)) / 2


# %% wrong: a straight line down | straight line
def warm_up_cosine(step, peak_rate, final_rate, warm_up_steps, total_steps):
    if step < warm_up_steps:
        return peak_rate * step / warm_up_steps
    progress = min((step - warm_up_steps) / (total_steps - warm_up_steps), 1)
    return peak_rate + (final_rate - peak_rate) * progress


# %% wrong: nothing after the end | return
def warm_up_cosine(step, peak_rate, final_rate, warm_up_steps, total_steps):
    if step < warm_up_steps:
        return peak_rate * step / warm_up_steps
    if step <= total_steps:
        progress = (step - warm_up_steps) / (total_steps - warm_up_steps)
        return final_rate + (peak_rate - final_rate) * (1 + math.cos(math.pi * progress)) / 2


# %% wrong: the numbers of the public check typed in | From the peak to the end: wrong
def warm_up_cosine(step, peak_rate, final_rate, warm_up_steps, total_steps):
    if step < 5:
        return 0.1305 * step / 5
    height = (1 + math.cos(math.pi * min((step - 5) / 24, 1))) / 2
    return 0.01567 + (0.1305 - 0.01567) * height


# %% wrong: the stub | stub
def warm_up_cosine(step, peak_rate, final_rate, warm_up_steps, total_steps): ...
