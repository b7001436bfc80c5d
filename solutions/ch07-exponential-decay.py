# %% setup
import math

import keras
import numpy as np


# %% reference
def exponential_decay(initial_rate, k):
    def schedule(epoch, rate):
        return float(initial_rate * np.exp(-k * epoch))

    return keras.callbacks.LearningRateScheduler(schedule)


# %% right: a lambda of the epoch alone, rounded
def exponential_decay(initial_rate, k):
    return keras.callbacks.LearningRateScheduler(
        lambda epoch: round(float(initial_rate * np.exp(-epoch * k)), 6)
    )


# %% right: a callback of its own
class exponential_decay(keras.callbacks.Callback):
    def __init__(self, initial_rate, k):
        super().__init__()
        self.initial_rate, self.factor = initial_rate, math.e**-k

    def on_epoch_begin(self, epoch, logs=None):
        rate = self.initial_rate * self.factor**epoch
        self.model.optimizer.learning_rate.assign(rate)


# %% right: a callback made from functions
def exponential_decay(initial_rate, k):
    def begin(epoch, logs):
        callback.model.optimizer.learning_rate = initial_rate / np.exp(k * epoch)

    callback = keras.callbacks.LambdaCallback(on_epoch_begin=begin)
    return callback


# %% wrong: counts epochs from 1 | An epoch too early
def exponential_decay(initial_rate, k):
    return keras.callbacks.LearningRateScheduler(
        lambda epoch, rate: initial_rate * math.exp(-k * (epoch + 1))
    )


# %% wrong: the last epoch's number | An epoch too late
def exponential_decay(initial_rate, k):
    return keras.callbacks.LearningRateScheduler(
        lambda epoch, rate: initial_rate * math.exp(-k * max(epoch - 1, 0))
    )


# %% wrong: the sign | It grows
def exponential_decay(initial_rate, k):
    return keras.callbacks.LearningRateScheduler(
        lambda epoch, rate: initial_rate * math.exp(k * epoch)
    )


# %% wrong: decays the decayed rate by the whole time | decayed once more
def exponential_decay(initial_rate, k):
    return keras.callbacks.LearningRateScheduler(
        lambda epoch, rate: (initial_rate if epoch == 0 else rate) * math.exp(-k * epoch)
    )


# %% wrong: the same from the rate of the model | decayed once more
def exponential_decay(initial_rate, k):
    return keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate * math.exp(-k * epoch))


# %% wrong: decays the rate of the model step by step | The rate of the model is decayed
def exponential_decay(initial_rate, k):
    return keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate * math.exp(-k))


# %% wrong: right until training resumes | Resumed .* The rate of the model is decayed
def exponential_decay(initial_rate, k):
    return keras.callbacks.LearningRateScheduler(
        lambda epoch, rate: initial_rate if epoch == 0 else rate * math.exp(-k)
    )


# %% wrong: counts the epochs itself, anew when training resumes | starts anew
def exponential_decay(initial_rate, k):
    epochs = iter(range(1000))
    return keras.callbacks.LearningRateScheduler(
        lambda epoch, rate: initial_rate * math.exp(-k * next(epochs))
    )


# %% wrong: base 10 | base is 10
def exponential_decay(initial_rate, k):
    return keras.callbacks.LearningRateScheduler(
        lambda epoch, rate: initial_rate * 10 ** (-k * epoch)
    )


# %% wrong: base 2 | base is 2
def exponential_decay(initial_rate, k):
    return keras.callbacks.LearningRateScheduler(
        lambda epoch, rate: initial_rate * 2 ** (-k * epoch)
    )


# %% wrong: for every batch | within an epoch
class exponential_decay(keras.callbacks.Callback):
    def __init__(self, initial_rate, k):
        super().__init__()
        self.initial_rate, self.k, self.t = initial_rate, k, 0

    def on_train_batch_begin(self, batch, logs=None):
        self.model.optimizer.learning_rate = self.initial_rate * math.exp(-self.k * self.t)
        self.t += 1


# %% wrong: forgets exp | Where is the exponential function
def exponential_decay(initial_rate, k):
    return keras.callbacks.LearningRateScheduler(lambda epoch, rate: initial_rate * -k * epoch)


# %% wrong: the decay of the lab, 1 / (1 + kt) | another schedule
def exponential_decay(initial_rate, k):
    return keras.callbacks.LearningRateScheduler(lambda epoch, rate: initial_rate / (1 + k * epoch))


# %% wrong: the initial rate forgotten | The initial rate is missing
def exponential_decay(initial_rate, k):
    return keras.callbacks.LearningRateScheduler(lambda epoch, rate: math.exp(-k * epoch))


# %% wrong: the numbers of the public check typed in | on paper
def exponential_decay(initial_rate, k):
    return keras.callbacks.LearningRateScheduler(
        lambda epoch, rate: 0.044 * math.exp(-0.1935 * epoch)
    )


# %% wrong: the function instead of the callback | should return a Keras callback
def exponential_decay(initial_rate, k):
    return lambda epoch, rate: initial_rate * math.exp(-k * epoch)


# %% wrong: a schedule of Keras, which counts updates | should return a Keras callback
def exponential_decay(initial_rate, k):
    return keras.optimizers.schedules.ExponentialDecay(initial_rate, 1, math.exp(-k))


# %% wrong: an array of rates | should return a Keras callback
def exponential_decay(initial_rate, k):
    return initial_rate * np.exp(-k * np.arange(10))


# %% wrong: returns nothing | return
def exponential_decay(initial_rate, k):
    keras.callbacks.LearningRateScheduler(lambda epoch: initial_rate * math.exp(-k * epoch))


# %% wrong: a schedule that raises | raises an error
def exponential_decay(initial_rate, k):
    return keras.callbacks.LearningRateScheduler(
        lambda epoch, rate: initial_rate * math.exp(-K * epoch)  # noqa: F821
    )


# %% wrong: the stub | stub
def exponential_decay(initial_rate, k): ...
