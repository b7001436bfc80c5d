# %% setup
import keras
import numpy as np


# %% reference
def fine_tune(model, x, y, epochs, rates):
    counts = []
    for phase in (0, 1):
        for layer in model.layers[:-1]:
            is_norm = isinstance(layer, keras.layers.BatchNormalization)
            layer.trainable = phase == 1 and not is_norm
        model.compile(keras.optimizers.SGD(rates[phase]), "binary_crossentropy")
        model.fit(x, y, epochs=epochs[phase], verbose=0)
        counts.append(sum(np.prod(w.shape) for w in model.trainable_weights))
    return counts


# %% right: written out, the epochs counted on
def fine_tune(model, x, y, epochs, rates):
    for layer in model.layers:
        layer.trainable = False
    model.layers[-1].trainable = True
    first = model.layers[-1].count_params()
    model.compile(
        optimizer=keras.optimizers.SGD(learning_rate=rates[0]), loss="binary_crossentropy"
    )
    model.fit(x, y, epochs=epochs[0], verbose=0)
    for layer in model.layers:
        if "normalization" not in layer.name:
            layer.trainable = True
    second = sum(layer.count_params() for layer in model.layers if layer.trainable)
    model.compile(
        optimizer=keras.optimizers.SGD(learning_rate=rates[1]), loss="binary_crossentropy"
    )
    model.fit(x, y, epochs=epochs[0] + epochs[1], initial_epoch=epochs[0], verbose=0)
    return first, second


# %% right: layers frozen between compile and fit, an array returned
def fine_tune(model, x, y, epochs, rates):
    model.compile("sgd", "binary_crossentropy")
    model.optimizer.learning_rate = rates[0]
    for layer in model.layers[:-1]:
        layer.trainable = False
    model.fit(x, y, batch_size=2, epochs=epochs[0])
    counts = [sum(w.numpy().size for w in model.trainable_weights)]
    model.compile("sgd", "binary_crossentropy")
    model.optimizer.learning_rate = rates[1]
    for layer in model.layers[:-1]:
        layer.trainable = type(layer) is keras.layers.Dense
    model.fit(x, y, batch_size=2, epochs=epochs[1])
    counts.append(sum(w.numpy().size for w in model.trainable_weights))
    return np.array(counts)


# %% wrong: does not compile again | does not know it yet
def fine_tune(model, x, y, epochs, rates):
    counts = []
    model.compile(keras.optimizers.SGD(rates[0]), "binary_crossentropy")
    for phase in (0, 1):
        for layer in model.layers[:-1]:
            is_norm = isinstance(layer, keras.layers.BatchNormalization)
            layer.trainable = phase == 1 and not is_norm
        model.optimizer.learning_rate = rates[phase]
        model.fit(x, y, epochs=epochs[phase], verbose=0)
        counts.append(sum(np.prod(w.shape) for w in model.trainable_weights))
    return counts


# %% wrong: thaws the normalization | normalization is not frozen
def fine_tune(model, x, y, epochs, rates):
    counts = []
    for phase in (0, 1):
        for layer in model.layers[:-1]:
            layer.trainable = phase == 1
        model.compile(keras.optimizers.SGD(rates[phase]), "binary_crossentropy")
        model.fit(x, y, epochs=epochs[phase], verbose=0)
        counts.append(sum(np.prod(w.shape) for w in model.trainable_weights))
    return counts


# %% wrong: freezes the model as a whole | Nothing trains
def fine_tune(model, x, y, epochs, rates):
    model.trainable = False
    model.layers[-1].trainable = True
    model.compile(keras.optimizers.SGD(rates[0]), "binary_crossentropy")
    model.fit(x, y, epochs=epochs[0], verbose=0)
    counts = [sum(np.prod(w.shape) for w in model.trainable_weights)]
    model.trainable = True
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.trainable = False
    model.compile(keras.optimizers.SGD(rates[1]), "binary_crossentropy")
    model.fit(x, y, epochs=epochs[1], verbose=0)
    return [*counts, sum(np.prod(w.shape) for w in model.trainable_weights)]


# %% wrong: the same optimizer twice | knows only the weights of that phase
def fine_tune(model, x, y, epochs, rates):
    counts, optimizer = [], keras.optimizers.SGD(rates[0])
    for phase in (0, 1):
        for layer in model.layers[:-1]:
            is_norm = isinstance(layer, keras.layers.BatchNormalization)
            layer.trainable = phase == 1 and not is_norm
        optimizer.learning_rate = rates[phase]
        model.compile(optimizer, "binary_crossentropy")
        model.fit(x, y, epochs=epochs[phase], verbose=0)
        counts.append(sum(np.prod(w.shape) for w in model.trainable_weights))
    return counts


# %% wrong: nothing is frozen in the first phase | All layers train
def fine_tune(model, x, y, epochs, rates):
    counts = []
    for phase in (0, 1):
        model.compile(keras.optimizers.SGD(rates[phase]), "binary_crossentropy")
        model.fit(x, y, epochs=epochs[phase], verbose=0)
        counts.append(sum(np.prod(w.shape) for w in model.trainable_weights))
    return counts


# %% wrong: the rate of the first phase for both | rate of the first one
def fine_tune(model, x, y, epochs, rates):
    counts = []
    for phase in (0, 1):
        for layer in model.layers[:-1]:
            is_norm = isinstance(layer, keras.layers.BatchNormalization)
            layer.trainable = phase == 1 and not is_norm
        model.compile(keras.optimizers.SGD(rates[0]), "binary_crossentropy")
        model.fit(x, y, epochs=epochs[phase], verbose=0)
        counts.append(sum(np.prod(w.shape) for w in model.trainable_weights))
    return counts


# %% wrong: counts arrays | counts of arrays
def fine_tune(model, x, y, epochs, rates):
    counts = []
    for phase in (0, 1):
        for layer in model.layers[:-1]:
            is_norm = isinstance(layer, keras.layers.BatchNormalization)
            layer.trainable = phase == 1 and not is_norm
        model.compile(keras.optimizers.SGD(rates[phase]), "binary_crossentropy")
        model.fit(x, y, epochs=epochs[phase], verbose=0)
        counts.append(len(model.trainable_weights))
    return counts


# %% wrong: counts all weights | trained or not
def fine_tune(model, x, y, epochs, rates):
    counts = []
    for phase in (0, 1):
        for layer in model.layers[:-1]:
            is_norm = isinstance(layer, keras.layers.BatchNormalization)
            layer.trainable = phase == 1 and not is_norm
        model.compile(keras.optimizers.SGD(rates[phase]), "binary_crossentropy")
        model.fit(x, y, epochs=epochs[phase], verbose=0)
        counts.append(model.count_params())
    return counts


# %% wrong: one phase | called twice
def fine_tune(model, x, y, epochs, rates):
    for layer in model.layers[:-1]:
        layer.trainable = False
    model.compile(keras.optimizers.SGD(rates[0]), "binary_crossentropy")
    model.fit(x, y, epochs=sum(epochs), verbose=0)
    return sum(np.prod(w.shape) for w in model.trainable_weights)


# %% wrong: fits without compiling | raises an error
def fine_tune(model, x, y, epochs, rates):
    for layer in model.layers[:-1]:
        layer.trainable = False
    model.fit(x, y, epochs=epochs[0], verbose=0)
    return [0, 0]


# %% wrong: the stub | stub
def fine_tune(model, x, y, epochs, rates): ...
