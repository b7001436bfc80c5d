# %% setup
import numpy as np
from scipy import integrate, special


# %% reference
def elu_moments(alpha, sigma):
    # The integral of exp(k z) over the left half of the density, without overflow.
    once, twice = (special.erfcx(k * sigma / np.sqrt(2)) / 2 for k in (1, 2))
    mean = sigma / np.sqrt(2 * np.pi) + alpha * (once - 0.5)
    square = sigma**2 / 2 + alpha**2 * (twice - 2 * once + 0.5)
    return mean, square


# %% right: with the logarithm of the normal distribution
def elu_moments(alpha, sigma):
    def left(k):
        return np.exp((k * sigma) ** 2 / 2 + special.log_ndtr(-k * sigma))

    mean = sigma / np.sqrt(2 * np.pi) + alpha * (left(1) - 0.5)
    return [mean, sigma**2 / 2 + alpha**2 * (left(2) - 2 * left(1) + 0.5)]


# %% right: numerical integration, the left half cut where its exponential has died out
def elu_moments(alpha, sigma):
    def density(z):
        return np.exp(-((z / sigma) ** 2) / 2) / (sigma * np.sqrt(2 * np.pi))

    def left(k):
        low = -min(40.0, 12 * sigma)
        settings = dict(epsabs=1e-13, epsrel=1e-11, limit=200)
        return integrate.quad(lambda z: np.exp(k * z) * density(z), low, 0, **settings)[0]

    mean = sigma / np.sqrt(2 * np.pi) + alpha * (left(1) - 0.5)
    return mean, sigma**2 / 2 + alpha**2 * (left(2) - 2 * left(1) + 0.5)


# %% wrong: exp times erfc overflows | not finite
def elu_moments(alpha, sigma):
    with np.errstate(all="ignore"):
        once, twice = (
            np.exp((k * sigma) ** 2 / 2) * special.erfc(k * sigma / np.sqrt(2)) / 2 for k in (1, 2)
        )
    mean = sigma / np.sqrt(2 * np.pi) + alpha * (once - 0.5)
    return mean, sigma**2 / 2 + alpha**2 * (twice - 2 * once + 0.5)


# %% wrong: a simulation | not exact to six digits
def elu_moments(alpha, sigma):
    z = np.random.default_rng(0).normal(0, sigma, 1_000_000)
    h = np.where(z > 0, z, alpha * np.expm1(np.minimum(z, 0)))
    return h.mean(), np.mean(h**2)


# %% wrong: a coarse grid | wrong
def elu_moments(alpha, sigma):
    z = np.linspace(-8, 8, 1001)
    density = np.exp(-((z / sigma) ** 2) / 2) / (sigma * np.sqrt(2 * np.pi))
    h = np.where(z > 0, z, alpha * np.expm1(np.minimum(z, 0)))
    return np.sum(h * density) * 0.016, np.sum(h**2 * density) * 0.016


# %% wrong: the variance | This is the variance
def elu_moments(alpha, sigma):
    once, twice = (special.erfcx(k * sigma / np.sqrt(2)) / 2 for k in (1, 2))
    mean = sigma / np.sqrt(2 * np.pi) + alpha * (once - 0.5)
    return mean, sigma**2 / 2 + alpha**2 * (twice - 2 * once + 0.5) - mean**2


# %% wrong: sigma is taken for a variance | taken for the variance
def elu_moments(alpha, sigma):
    sigma = np.sqrt(sigma)
    once, twice = (special.erfcx(k * sigma / np.sqrt(2)) / 2 for k in (1, 2))
    mean = sigma / np.sqrt(2 * np.pi) + alpha * (once - 0.5)
    return mean, sigma**2 / 2 + alpha**2 * (twice - 2 * once + 0.5)


# %% wrong: alpha forgotten | Where is alpha
def elu_moments(alpha, sigma):
    once, twice = (special.erfcx(k * sigma / np.sqrt(2)) / 2 for k in (1, 2))
    return sigma / np.sqrt(2 * np.pi) + once - 0.5, sigma**2 / 2 + twice - 2 * once + 0.5


# %% wrong: alpha in place of its square | square of alpha
def elu_moments(alpha, sigma):
    once, twice = (special.erfcx(k * sigma / np.sqrt(2)) / 2 for k in (1, 2))
    mean = sigma / np.sqrt(2 * np.pi) + alpha * (once - 0.5)
    return mean, sigma**2 / 2 + alpha * (twice - 2 * once + 0.5)


# %% wrong: inputs of spread 1 | not 1
def elu_moments(alpha, sigma):
    once, twice = (special.erfcx(k / np.sqrt(2)) / 2 for k in (1, 2))
    mean = 1 / np.sqrt(2 * np.pi) + alpha * (once - 0.5)
    return mean, 0.5 + alpha**2 * (twice - 2 * once + 0.5)


# %% wrong: the 1 under the integral forgotten | complete the square
def elu_moments(alpha, sigma):
    once, twice = (special.erfcx(k * sigma / np.sqrt(2)) / 2 for k in (1, 2))
    return sigma / np.sqrt(2 * np.pi) + alpha * once, sigma**2 / 2 + alpha**2 * twice


# %% wrong: the mean only | shape
def elu_moments(alpha, sigma):
    once = special.erfcx(sigma / np.sqrt(2)) / 2
    return sigma / np.sqrt(2 * np.pi) + alpha * (once - 0.5)


# %% wrong: the stub | stub
def elu_moments(alpha, sigma): ...
