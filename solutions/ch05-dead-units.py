# %% setup
import numpy as np


# %% reference
def count_dead(before, after):
    dead_before = (np.concatenate(before) <= 0).all(axis=0)
    dead_after = (np.concatenate(after) <= 0).all(axis=0)
    back = dead_before & ~dead_after
    return dead_before.sum(), dead_after.sum(), back.sum()


# %% right: the largest signal of every unit, batch by batch
def count_dead(before, after):
    def largest(batches):
        return np.max([batch.max(axis=0) for batch in batches], axis=0)

    first, last = largest(before), largest(after)
    return [int((first <= 0).sum()), int((last <= 0).sum()), int(((first <= 0) & (last > 0)).sum())]


# %% right: sets of numbers of units
def count_dead(before, after):
    def alive(batches):
        return {unit for batch in batches for unit in np.nonzero(batch > 0)[1].tolist()}

    units = set(range(before[0].shape[1]))
    first, last = units - alive(before), units - alive(after)
    return len(first), len(last), len(first - last)


# %% wrong: silent in some batch | may speak in another
def count_dead(before, after):
    first, last = (
        np.any([(batch <= 0).all(axis=0) for batch in batches], axis=0)
        for batches in (before, after)
    )
    return first.sum(), last.sum(), (first & ~last).sum()


# %% wrong: the first batch only | Only the first batch|may speak
def count_dead(before, after):
    first, last = ((batches[0] <= 0).all(axis=0) for batches in (before, after))
    return first.sum(), last.sum(), (first & ~last).sum()


# %% wrong: what is left over from a loop | is wrong
def count_dead(before, after):
    for batch in before:
        first = (batch <= 0).all(axis=0)
    for batch in after:
        last = (batch <= 0).all(axis=0)
    return first.sum(), last.sum(), (first & ~last).sum()


# %% wrong: negative on average | is wrong
def count_dead(before, after):
    first, last = (np.concatenate(batches).mean(axis=0) < 0 for batches in (before, after))
    return first.sum(), last.sum(), (first & ~last).sum()


# %% wrong: zero counts as alive | exactly 0
def count_dead(before, after):
    first, last = ((np.concatenate(batches) < 0).all(axis=0) for batches in (before, after))
    return first.sum(), last.sum(), (first & ~last).sum()


# %% wrong: a difference of counts | hides both
def count_dead(before, after):
    first, last = ((np.concatenate(batches) <= 0).all(axis=0) for batches in (before, after))
    return first.sum(), last.sum(), first.sum() - last.sum()


# %% wrong: those that died | died in between|came back is wrong
def count_dead(before, after):
    first, last = ((np.concatenate(batches) <= 0).all(axis=0) for batches in (before, after))
    return first.sum(), last.sum(), (last & ~first).sum() + 100


# %% wrong: examples for units | is wrong
def count_dead(before, after):
    first, last = ((np.concatenate(batches) <= 0).all(axis=1) for batches in (before, after))
    return first.sum(), last.sum(), 0


# %% wrong: batches added up | several times
def count_dead(before, after):
    first, last = (
        sum(int((batch <= 0).all(axis=0).sum()) for batch in batches) for batches in (before, after)
    )
    return first, last, 0


# %% wrong: masks in place of counts | shape
def count_dead(before, after):
    first, last = ((np.concatenate(batches) <= 0).all(axis=0) for batches in (before, after))
    return first, last, first & ~last


# %% wrong: the stub | stub
def count_dead(before, after): ...
