# %% setup
import numpy as np


# %% reference
def fold_into_next(gamma, beta, moving_mean, moving_variance, epsilon, kernel, bias):
    scale = gamma / np.sqrt(moving_variance + epsilon)
    shift = beta - moving_mean * scale
    return scale[:, None] * kernel, shift @ kernel + bias


# %% right: with a diagonal matrix, in single precision
def fold_into_next(gamma, beta, moving_mean, moving_variance, epsilon, kernel, bias):
    scale = np.diag(gamma / np.sqrt(moving_variance + epsilon))
    new_bias = bias + (beta - scale @ moving_mean) @ kernel
    return (scale @ kernel).astype("float32"), new_bias.astype("float32")


# %% right: found by what the layers put out
def fold_into_next(gamma, beta, moving_mean, moving_variance, epsilon, kernel, bias):
    def both(h):
        h = gamma * (h - moving_mean) / np.sqrt(moving_variance + epsilon) + beta
        return h @ kernel + bias

    at_zero = both(np.zeros(len(gamma)))
    return [both(np.eye(len(gamma))) - at_zero, at_zero]


# %% wrong: forgets epsilon | missing under the root
def fold_into_next(gamma, beta, moving_mean, moving_variance, epsilon, kernel, bias):
    scale = gamma / np.sqrt(moving_variance)
    return scale[:, None] * kernel, (beta - moving_mean * scale) @ kernel + bias


# %% wrong: epsilon beside the root | belongs under the root
def fold_into_next(gamma, beta, moving_mean, moving_variance, epsilon, kernel, bias):
    scale = gamma / (np.sqrt(moving_variance) + epsilon)
    return scale[:, None] * kernel, (beta - moving_mean * scale) @ kernel + bias


# %% wrong: divides by the variance | not by the variance
def fold_into_next(gamma, beta, moving_mean, moving_variance, epsilon, kernel, bias):
    scale = gamma / (moving_variance + epsilon)
    return scale[:, None] * kernel, (beta - moving_mean * scale) @ kernel + bias


# %% wrong: scales the outputs | Which axis of the kernel|raises an error
def fold_into_next(gamma, beta, moving_mean, moving_variance, epsilon, kernel, bias):
    scale = gamma / np.sqrt(moving_variance + epsilon)
    return kernel * scale, (beta - moving_mean * scale) @ kernel + bias


# %% wrong: folds into the layer before | Which axis of the kernel|raises an error
def fold_into_next(gamma, beta, moving_mean, moving_variance, epsilon, kernel, bias):
    scale = gamma / np.sqrt(moving_variance + epsilon)
    return kernel * scale, beta + (bias - moving_mean) * scale


# %% wrong: leaves the bias as it is | bias is unchanged
def fold_into_next(gamma, beta, moving_mean, moving_variance, epsilon, kernel, bias):
    scale = gamma / np.sqrt(moving_variance + epsilon)
    return scale[:, None] * kernel, bias


# %% wrong: loses the old bias | dense layer had is lost
def fold_into_next(gamma, beta, moving_mean, moving_variance, epsilon, kernel, bias):
    scale = gamma / np.sqrt(moving_variance + epsilon)
    return scale[:, None] * kernel, (beta - moving_mean * scale) @ kernel


# %% wrong: scales beta | added after the scaling
def fold_into_next(gamma, beta, moving_mean, moving_variance, epsilon, kernel, bias):
    scale = gamma / np.sqrt(moving_variance + epsilon)
    new_kernel = scale[:, None] * kernel
    return new_kernel, (beta - moving_mean) @ new_kernel + bias


# %% wrong: does not scale the mean | scaled as well
def fold_into_next(gamma, beta, moving_mean, moving_variance, epsilon, kernel, bias):
    scale = gamma / np.sqrt(moving_variance + epsilon)
    return scale[:, None] * kernel, (beta - moving_mean) @ kernel + bias


# %% wrong: the shift through the new kernel | old one or through the new one
def fold_into_next(gamma, beta, moving_mean, moving_variance, epsilon, kernel, bias):
    scale = gamma / np.sqrt(moving_variance + epsilon)
    new_kernel = scale[:, None] * kernel
    return new_kernel, (beta - moving_mean * scale) @ new_kernel + bias


# %% wrong: forgets the mean | Where is the mean
def fold_into_next(gamma, beta, moving_mean, moving_variance, epsilon, kernel, bias):
    scale = gamma / np.sqrt(moving_variance + epsilon)
    return scale[:, None] * kernel, beta @ kernel + bias


# %% wrong: returns the kernel only | should
def fold_into_next(gamma, beta, moving_mean, moving_variance, epsilon, kernel, bias):
    scale = gamma / np.sqrt(moving_variance + epsilon)
    return scale[:, None] * kernel


# %% wrong: the stub | stub
def fold_into_next(gamma, beta, moving_mean, moving_variance, epsilon, kernel, bias): ...
