# %% setup
import keras
import numpy as np


# %% reference
def reuse(model_a, count):
    copies = keras.models.clone_model(model_a).layers[:count]
    output = keras.layers.Dense(1, activation="sigmoid")
    model_b = keras.Sequential([keras.Input(model_a.input_shape[1:]), *copies, output])
    for copy, layer in zip(copies, model_a.layers, strict=False):
        copy.set_weights(layer.get_weights())
    return model_b


# %% right: layers made from their configurations
def reuse(model_a, count):
    model_b = keras.Sequential()
    model_b.add(keras.Input(model_a.input_shape[1:]))
    for layer in model_a.layers[:count]:
        copy = type(layer).from_config(layer.get_config())
        model_b.add(copy)
        copy.set_weights(layer.get_weights())
    model_b.add(keras.layers.Dense(1, "sigmoid"))
    return model_b


# %% right: a functional model, the sigmoid as a layer of its own
def reuse(model_a, count):
    inputs = keras.Input((model_a.input_shape[1],))
    h = inputs
    for layer in model_a.layers[:count]:
        copy = keras.layers.Dense(layer.units, activation=layer.activation)
        h = copy(h)
        copy.set_weights([np.array(w) for w in layer.get_weights()])
    outputs = keras.layers.Activation("sigmoid")(keras.layers.Dense(1)(h))
    model_b = keras.Model(inputs, outputs)
    model_b.compile("sgd", "binary_crossentropy")
    return model_b


# %% right: the whole network cloned, its body nested in the new one
def reuse(model_a, count):
    clone = keras.models.clone_model(model_a)
    clone.set_weights(model_a.get_weights())
    while len(clone.layers) > count:
        clone.pop()
    return keras.Sequential([clone, keras.layers.Dense(1, activation="sigmoid")])


# %% wrong: shares the layers | same variables
def reuse(model_a, count):
    layers = [*model_a.layers[:count], keras.layers.Dense(1, activation="sigmoid")]
    return keras.Sequential([keras.Input(model_a.input_shape[1:]), *layers])


# %% wrong: the clone keeps its own first weights | first weights of a new network
def reuse(model_a, count):
    copies = keras.models.clone_model(model_a).layers[:count]
    output = keras.layers.Dense(1, activation="sigmoid")
    return keras.Sequential([keras.Input(model_a.input_shape[1:]), *copies, output])


# %% wrong: no sigmoid | no sigmoid
def reuse(model_a, count):
    copies = keras.models.clone_model(model_a).layers[:count]
    output = keras.layers.Dense(1)
    model_b = keras.Sequential([keras.Input(model_a.input_shape[1:]), *copies, output])
    for copy, layer in zip(copies, model_a.layers, strict=False):
        copy.set_weights(layer.get_weights())
    return model_b


# %% wrong: a softmax over one unit | softmax
def reuse(model_a, count):
    copies = keras.models.clone_model(model_a).layers[:count]
    output = keras.layers.Dense(1, activation="softmax")
    model_b = keras.Sequential([keras.Input(model_a.input_shape[1:]), *copies, output])
    for copy, layer in zip(copies, model_a.layers, strict=False):
        copy.set_weights(layer.get_weights())
    return model_b


# %% wrong: one layer too few | layers of weights|should have the shape
def reuse(model_a, count):
    copies = keras.models.clone_model(model_a).layers[: count - 1]
    output = keras.layers.Dense(1, activation="sigmoid")
    model_b = keras.Sequential([keras.Input(model_a.input_shape[1:]), *copies, output])
    for copy, layer in zip(copies, model_a.layers, strict=False):
        copy.set_weights(layer.get_weights())
    return model_b


# %% wrong: keeps the output layer of A | layers of weights
def reuse(model_a, count):
    clone = keras.models.clone_model(model_a)
    clone.set_weights(model_a.get_weights())
    return keras.Sequential([clone, keras.layers.Dense(1, activation="sigmoid")])


# %% wrong: takes the layers off A itself | no longer what it was
def reuse(model_a, count):
    while len(model_a.layers) > count:
        model_a.pop()
    clone = keras.models.clone_model(model_a)
    clone.set_weights(model_a.get_weights())
    return keras.Sequential([clone, keras.layers.Dense(1, activation="sigmoid")])


# %% wrong: copies the weights of the first layer only | only some
def reuse(model_a, count):
    copies = keras.models.clone_model(model_a).layers[:count]
    output = keras.layers.Dense(1, activation="sigmoid")
    model_b = keras.Sequential([keras.Input(model_a.input_shape[1:]), *copies, output])
    copies[0].set_weights(model_a.layers[0].get_weights())
    return model_b


# %% wrong: forgets the activations | keep their activations
def reuse(model_a, count):
    model_b = keras.Sequential([keras.Input(model_a.input_shape[1:])])
    for layer in model_a.layers[:count]:
        copy = keras.layers.Dense(layer.units)
        model_b.add(copy)
        copy.set_weights(layer.get_weights())
    model_b.add(keras.layers.Dense(1, activation="sigmoid"))
    return model_b


# %% wrong: returns the weights | should be a Keras model
def reuse(model_a, count):
    return model_a.get_weights()[: 2 * count]


# %% wrong: the stub | stub
def reuse(model_a, count): ...
