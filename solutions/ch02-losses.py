# %% setup
import numpy as np


# %% reference
def loss(y, predicted, kind):
    error = predicted - y
    size = np.abs(error)
    if kind == "mse":
        return np.mean(error**2, axis=1)
    if kind == "mae":
        return np.mean(size, axis=1)
    if kind == "huber":
        return np.mean(np.where(size <= 1, error**2 / 2, size - 0.5), axis=1)
    return -np.sum(y * np.log(np.maximum(predicted, 1e-7)), axis=1)


# %% right: example by example
def loss(y, predicted, kind):
    losses = []
    for target, output in zip(y, predicted):
        if kind == "cross-entropy":
            chance = output[target.argmax()]
            losses.append(-np.log(chance if chance > 1e-7 else 1e-7))
            continue
        values = []
        for e in target - output:
            if kind == "mse":
                values.append(e**2)
            elif kind == "mae" or abs(e) > 1:
                values.append(abs(e) - (0.5 if kind == "huber" else 0))
            else:
                values.append(0.5 * e**2)
        losses.append(sum(values) / len(values))
    return losses


# %% right: in single precision, clipped on both sides as Keras does
def loss(y, predicted, kind):
    y, predicted = np.float32(y), np.float32(predicted)
    if kind == "cross-entropy":
        predicted = np.clip(predicted, 1e-7, 1 - 1e-7)
        return -np.einsum("ij,ij->i", y, np.log(predicted))
    size = abs(y - predicted)
    short = np.minimum(size, 1)
    values = {
        "mse": size**2,
        "mae": size,
        "huber": short * (size - short / 2),
    }[kind]
    return values.mean(axis=-1)


# %% right: adds the small number instead of clipping
def loss(y, predicted, kind):
    if kind == "cross-entropy":
        return np.sum(-y * np.log(predicted + 1e-7), axis=1)
    error = y - predicted
    if kind == "mse":
        return np.square(error).mean(axis=1)
    size = np.abs(error)
    if kind == "huber":
        size = np.where(size < 1, 0.5 * error * error, size - 0.5)
    return np.sum(size, axis=1) / y.shape[1]


# %% wrong: the wrong axis | Which axis is the batch
def loss(y, predicted, kind):
    error = predicted - y
    size = np.abs(error)
    if kind == "mse":
        return np.mean(error**2, axis=0)
    if kind == "mae":
        return np.mean(size, axis=0)
    if kind == "huber":
        return np.mean(np.where(size <= 1, error**2 / 2, size - 0.5), axis=0)
    return -np.sum(y * np.log(np.maximum(predicted, 1e-7)), axis=0)


# %% wrong: averages over everything | not over the batch
def loss(y, predicted, kind):
    error = predicted - y
    size = np.abs(error)
    if kind == "mse":
        return np.mean(error**2)
    if kind == "mae":
        return np.mean(size)
    if kind == "huber":
        return np.mean(np.where(size <= 1, error**2 / 2, size - 0.5))
    return -np.mean(np.sum(y * np.log(np.maximum(predicted, 1e-7)), axis=1))


# %% wrong: does not average | put together
def loss(y, predicted, kind):
    error = predicted - y
    size = np.abs(error)
    if kind == "mse":
        return error**2
    if kind == "mae":
        return size
    if kind == "huber":
        return np.where(size <= 1, error**2 / 2, size - 0.5)
    return -y * np.log(np.maximum(predicted, 1e-7))


# %% wrong: sums where it should average | added up, but they should be averaged
def loss(y, predicted, kind):
    error = predicted - y
    size = np.abs(error)
    if kind == "mse":
        return np.sum(error**2, axis=1)
    if kind == "mae":
        return np.sum(size, axis=1)
    if kind == "huber":
        return np.sum(np.where(size <= 1, error**2 / 2, size - 0.5), axis=1)
    return -np.sum(y * np.log(np.maximum(predicted, 1e-7)), axis=1)


# %% wrong: forgot to square | opposite sign
def loss(y, predicted, kind):
    error = predicted - y
    size = np.abs(error)
    if kind in ("mse", "mae"):
        return np.mean(error, axis=1)
    if kind == "huber":
        return np.mean(np.where(size <= 1, error**2 / 2, size - 0.5), axis=1)
    return -np.sum(y * np.log(np.maximum(predicted, 1e-7)), axis=1)


# %% wrong: the root of the mean squared error | root
def loss(y, predicted, kind):
    error = predicted - y
    size = np.abs(error)
    if kind == "mse":
        return np.sqrt(np.mean(error**2, axis=1))
    if kind == "mae":
        return np.mean(size, axis=1)
    if kind == "huber":
        return np.mean(np.where(size <= 1, error**2 / 2, size - 0.5), axis=1)
    return -np.sum(y * np.log(np.maximum(predicted, 1e-7)), axis=1)


# %% wrong: Huber's line does not join on | line must begin
def loss(y, predicted, kind):
    error = predicted - y
    size = np.abs(error)
    if kind == "mse":
        return np.mean(error**2, axis=1)
    if kind == "mae":
        return np.mean(size, axis=1)
    if kind == "huber":
        return np.mean(np.where(size <= 1, error**2 / 2, size), axis=1)
    return -np.sum(y * np.log(np.maximum(predicted, 1e-7)), axis=1)


# %% wrong: Huber's cases by the signed error | negative errors
def loss(y, predicted, kind):
    error = predicted - y
    if kind == "mse":
        return np.mean(error**2, axis=1)
    if kind == "mae":
        return np.mean(np.abs(error), axis=1)
    if kind == "huber":
        return np.mean(np.where(error <= 1, error**2 / 2, error - 0.5), axis=1)
    return -np.sum(y * np.log(np.maximum(predicted, 1e-7)), axis=1)


# %% wrong: Huber without its 1/2 | factor
def loss(y, predicted, kind):
    error = predicted - y
    size = np.abs(error)
    if kind == "mse":
        return np.mean(error**2, axis=1)
    if kind == "mae":
        return np.mean(size, axis=1)
    if kind == "huber":
        return np.mean(np.where(size <= 1, error**2, size - 0.5), axis=1)
    return -np.sum(y * np.log(np.maximum(predicted, 1e-7)), axis=1)


# %% wrong: the sign of the cross-entropy | sign is missing
def loss(y, predicted, kind):
    error = predicted - y
    size = np.abs(error)
    if kind == "mse":
        return np.mean(error**2, axis=1)
    if kind == "mae":
        return np.mean(size, axis=1)
    if kind == "huber":
        return np.mean(np.where(size <= 1, error**2 / 2, size - 0.5), axis=1)
    return np.sum(y * np.log(np.maximum(predicted, 1e-7)), axis=1)


# %% wrong: averages over the classes | classes should be added up
def loss(y, predicted, kind):
    error = predicted - y
    size = np.abs(error)
    if kind == "mse":
        return np.mean(error**2, axis=1)
    if kind == "mae":
        return np.mean(size, axis=1)
    if kind == "huber":
        return np.mean(np.where(size <= 1, error**2 / 2, size - 0.5), axis=1)
    return -np.mean(y * np.log(np.maximum(predicted, 1e-7)), axis=1)


# %% wrong: labels and predictions swapped | swapped
def loss(y, predicted, kind):
    error = predicted - y
    size = np.abs(error)
    if kind == "mse":
        return np.mean(error**2, axis=1)
    if kind == "mae":
        return np.mean(size, axis=1)
    if kind == "huber":
        return np.mean(np.where(size <= 1, error**2 / 2, size - 0.5), axis=1)
    return -np.sum(predicted * np.log(np.maximum(y, 1e-7)), axis=1)


# %% wrong: the logarithm of 0 | logarithm of 0 is not finite
def loss(y, predicted, kind):
    error = predicted - y
    size = np.abs(error)
    if kind == "mse":
        return np.mean(error**2, axis=1)
    if kind == "mae":
        return np.mean(size, axis=1)
    if kind == "huber":
        return np.mean(np.where(size <= 1, error**2 / 2, size - 0.5), axis=1)
    with np.errstate(all="ignore"):
        return -np.sum(y * np.log(predicted), axis=1)


# %% wrong: another smallest probability | should be replaced by 1e-07
def loss(y, predicted, kind):
    error = predicted - y
    size = np.abs(error)
    if kind == "mse":
        return np.mean(error**2, axis=1)
    if kind == "mae":
        return np.mean(size, axis=1)
    if kind == "huber":
        return np.mean(np.where(size <= 1, error**2 / 2, size - 0.5), axis=1)
    return -np.sum(y * np.log(np.maximum(predicted, 1e-12)), axis=1)


# %% wrong: only one loss is written | return
def loss(y, predicted, kind):
    if kind == "mse":
        return np.mean((predicted - y) ** 2, axis=1)


# %% wrong: the stub | stub
def loss(y, predicted, kind): ...
