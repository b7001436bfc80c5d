# %% setup
import numpy as np


# %% reference
def group_gradients(z, gamma, upstream, groups, epsilon):
    parts = z.reshape(len(z), groups, -1)
    spread = np.sqrt(parts.var(axis=2, keepdims=True) + epsilon)
    z_hat = (parts - parts.mean(axis=2, keepdims=True)) / spread
    g = (upstream * gamma).reshape(parts.shape)
    back = g - g.mean(axis=2, keepdims=True)
    back = (back - z_hat * (g * z_hat).mean(axis=2, keepdims=True)) / spread
    by_gamma = (upstream * z_hat.reshape(z.shape)).sum(axis=0)
    return back.reshape(z.shape), by_gamma, upstream.sum(axis=0)


# %% right: example by example, group by group
def group_gradients(z, gamma, upstream, groups, epsilon):
    by_z, by_gamma, by_beta = np.zeros(z.shape), np.zeros(len(gamma)), np.zeros(len(gamma))
    size = z.shape[1] // groups
    for row in range(len(z)):
        for first in range(0, z.shape[1], size):
            units = slice(first, first + size)
            part, up = z[row, units], upstream[row, units]
            spread = np.sqrt(np.var(part) + epsilon)
            z_hat = (part - part.mean()) / spread
            slopes = np.eye(size) - 1 / size - np.outer(z_hat, z_hat) / size
            by_z[row, units] = slopes @ (gamma[units] * up) / spread
            by_gamma[units] += up * z_hat
            by_beta[units] += up
    return by_z, by_gamma, by_beta


# %% right: by finite differences
def group_gradients(z, gamma, upstream, groups, epsilon):
    def value(z, gamma, beta):
        parts = z.reshape(len(z), groups, -1)
        spread = np.sqrt(parts.var(axis=2, keepdims=True) + epsilon)
        z_hat = (parts - parts.mean(axis=2, keepdims=True)) / spread
        return np.sum(upstream * (gamma * z_hat.reshape(z.shape) + beta))

    arguments = [z, gamma, np.zeros(len(gamma))]
    gradients = []
    for number, argument in enumerate(arguments):
        gradient = np.zeros(argument.shape)
        for place in np.ndindex(argument.shape):
            ends = []
            for h in (1e-5, -1e-5):
                moved = [np.array(a) for a in arguments]
                moved[number][place] += h
                ends.append(value(*moved))
            gradient[place] = (ends[0] - ends[1]) / 2e-5
        gradients.append(gradient)
    return gradients


# %% wrong: mean and spread as constants | treated as constants
def group_gradients(z, gamma, upstream, groups, epsilon):
    parts = z.reshape(len(z), groups, -1)
    spread = np.sqrt(parts.var(axis=2, keepdims=True) + epsilon)
    z_hat = (parts - parts.mean(axis=2, keepdims=True)) / spread
    back = (upstream * gamma).reshape(parts.shape) / spread
    by_gamma = (upstream * z_hat.reshape(z.shape)).sum(axis=0)
    return back.reshape(z.shape), by_gamma, upstream.sum(axis=0)


# %% wrong: the spread as a constant | standard deviation depends on z
def group_gradients(z, gamma, upstream, groups, epsilon):
    parts = z.reshape(len(z), groups, -1)
    spread = np.sqrt(parts.var(axis=2, keepdims=True) + epsilon)
    z_hat = (parts - parts.mean(axis=2, keepdims=True)) / spread
    g = (upstream * gamma).reshape(parts.shape)
    back = (g - g.mean(axis=2, keepdims=True)) / spread
    by_gamma = (upstream * z_hat.reshape(z.shape)).sum(axis=0)
    return back.reshape(z.shape), by_gamma, upstream.sum(axis=0)


# %% wrong: gamma in front, as in batch normalization | cannot be taken out
def group_gradients(z, gamma, upstream, groups, epsilon):
    parts = z.reshape(len(z), groups, -1)
    spread = np.sqrt(parts.var(axis=2, keepdims=True) + epsilon)
    z_hat = (parts - parts.mean(axis=2, keepdims=True)) / spread
    g = upstream.reshape(parts.shape)
    back = g - g.mean(axis=2, keepdims=True)
    back = (back - z_hat * (g * z_hat).mean(axis=2, keepdims=True)) / spread
    by_gamma = (upstream * z_hat.reshape(z.shape)).sum(axis=0)
    return gamma * back.reshape(z.shape), by_gamma, upstream.sum(axis=0)


# %% wrong: without gamma | Where is `gamma`
def group_gradients(z, gamma, upstream, groups, epsilon):
    parts = z.reshape(len(z), groups, -1)
    spread = np.sqrt(parts.var(axis=2, keepdims=True) + epsilon)
    z_hat = (parts - parts.mean(axis=2, keepdims=True)) / spread
    g = upstream.reshape(parts.shape)
    back = g - g.mean(axis=2, keepdims=True)
    back = (back - z_hat * (g * z_hat).mean(axis=2, keepdims=True)) / spread
    by_gamma = (upstream * z_hat.reshape(z.shape)).sum(axis=0)
    return back.reshape(z.shape), by_gamma, upstream.sum(axis=0)


# %% wrong: over the batch | go over the batch
def group_gradients(z, gamma, upstream, groups, epsilon):
    spread = np.sqrt(z.var(axis=0) + epsilon)
    z_hat = (z - z.mean(axis=0)) / spread
    g = upstream * gamma
    back = (g - g.mean(axis=0) - z_hat * (g * z_hat).mean(axis=0)) / spread
    return back, (upstream * z_hat).sum(axis=0), upstream.sum(axis=0)


# %% wrong: one group only | what about `groups`
def group_gradients(z, gamma, upstream, groups, epsilon):
    spread = np.sqrt(z.var(axis=1, keepdims=True) + epsilon)
    z_hat = (z - z.mean(axis=1, keepdims=True)) / spread
    g = upstream * gamma
    back = g - g.mean(axis=1, keepdims=True)
    back = (back - z_hat * (g * z_hat).mean(axis=1, keepdims=True)) / spread
    return back, (upstream * z_hat).sum(axis=0), upstream.sum(axis=0)


# %% wrong: forgets epsilon | `epsilon` is missing
def group_gradients(z, gamma, upstream, groups, epsilon):
    parts = z.reshape(len(z), groups, -1)
    spread = parts.std(axis=2, keepdims=True)
    z_hat = (parts - parts.mean(axis=2, keepdims=True)) / spread
    g = (upstream * gamma).reshape(parts.shape)
    back = g - g.mean(axis=2, keepdims=True)
    back = (back - z_hat * (g * z_hat).mean(axis=2, keepdims=True)) / spread
    by_gamma = (upstream * z_hat.reshape(z.shape)).sum(axis=0)
    return back.reshape(z.shape), by_gamma, upstream.sum(axis=0)


# %% wrong: sums for means | where there should be means
def group_gradients(z, gamma, upstream, groups, epsilon):
    parts = z.reshape(len(z), groups, -1)
    spread = np.sqrt(parts.var(axis=2, keepdims=True) + epsilon)
    z_hat = (parts - parts.mean(axis=2, keepdims=True)) / spread
    g = (upstream * gamma).reshape(parts.shape)
    back = g - g.sum(axis=2, keepdims=True)
    back = (back - z_hat * (g * z_hat).sum(axis=2, keepdims=True)) / spread
    by_gamma = (upstream * z_hat.reshape(z.shape)).sum(axis=0)
    return back.reshape(z.shape), by_gamma, upstream.sum(axis=0)


# %% wrong: means over the batch for gamma and beta | no mean
def group_gradients(z, gamma, upstream, groups, epsilon):
    parts = z.reshape(len(z), groups, -1)
    spread = np.sqrt(parts.var(axis=2, keepdims=True) + epsilon)
    z_hat = (parts - parts.mean(axis=2, keepdims=True)) / spread
    g = (upstream * gamma).reshape(parts.shape)
    back = g - g.mean(axis=2, keepdims=True)
    back = (back - z_hat * (g * z_hat).mean(axis=2, keepdims=True)) / spread
    by_gamma = (upstream * z_hat.reshape(z.shape)).mean(axis=0)
    return back.reshape(z.shape), by_gamma, upstream.mean(axis=0)


# %% wrong: z for the normalized z | not z itself
def group_gradients(z, gamma, upstream, groups, epsilon):
    parts = z.reshape(len(z), groups, -1)
    spread = np.sqrt(parts.var(axis=2, keepdims=True) + epsilon)
    z_hat = (parts - parts.mean(axis=2, keepdims=True)) / spread
    g = (upstream * gamma).reshape(parts.shape)
    back = g - g.mean(axis=2, keepdims=True)
    back = (back - z_hat * (g * z_hat).mean(axis=2, keepdims=True)) / spread
    return back.reshape(z.shape), (upstream * z).sum(axis=0), upstream.sum(axis=0)


# %% wrong: the stub | stub
def group_gradients(z, gamma, upstream, groups, epsilon): ...
