# %% setup
import json
import os

import keras
import numpy as np


# %% reference
def save(model, folder):
    (folder / "architecture.json").write_text(model.to_json())
    model.save_weights(folder / "model.weights.h5")


def load(folder):
    text = (folder / "architecture.json").read_text()
    model = keras.models.model_from_json(text)
    model.load_weights(folder / "model.weights.h5")
    return model


save_and_load = (save, load)


# %% right: with open and os.path, and the weights as NumPy arrays
def save(model, folder):
    with open(os.path.join(folder, "net.json"), "w") as file:
        json.dump(model.get_config(), file, indent=2)
    np.savez(os.path.join(folder, "weights.npz"), *model.get_weights())


def load(folder):
    with open(os.path.join(folder, "net.json")) as file:
        model = keras.Sequential.from_config(json.load(file))
    with np.load(os.path.join(folder, "weights.npz")) as arrays:
        model.set_weights([arrays[name] for name in arrays.files])
    return model


save_and_load = [save, load]


# %% right: in a folder inside, the JSON text written as JSON once more
def save(model, folder):
    os.makedirs(f"{folder}/stored", exist_ok=True)
    with open(f"{folder}/stored/model.txt", "w") as file:
        json.dump(model.to_json(), file)
    model.save_weights(f"{folder}/stored/m.weights.h5", overwrite=True)


def load(folder):
    with open(f"{folder}/stored/model.txt") as file:
        model = keras.models.model_from_json(json.load(file))
    model.load_weights(f"{folder}/stored/m.weights.h5")
    model.compile("sgd", "mse")
    return model


save_and_load = save, load


# %% wrong: forgets the weights | where are the weights
def save(model, folder):
    (folder / "architecture.json").write_text(model.to_json())


def load(folder):
    return keras.models.model_from_json((folder / "architecture.json").read_text())


save_and_load = (save, load)


# %% wrong: saves the weights and never loads them | those that a new model starts with
def save(model, folder):
    (folder / "architecture.json").write_text(model.to_json())
    model.save_weights(folder / "model.weights.h5")


def load(folder):
    return keras.models.model_from_json((folder / "architecture.json").read_text())


save_and_load = (save, load)


# %% wrong: returns the same model | got after the saving
kept = {}


def save(model, folder):
    (folder / "architecture.json").write_text(model.to_json())
    model.save_weights(folder / "model.weights.h5")
    kept[folder.name] = model


def load(folder):
    return kept.get(folder.name)


save_and_load = (save, load)


# %% wrong: saves the weights only when it loads | Are its weights those of the file
def save(model, folder):
    (folder / "architecture.json").write_text(model.to_json())


def load(folder):
    model = keras.models.model_from_json((folder / "architecture.json").read_text())
    model.save_weights(folder / "model.weights.h5")
    model.load_weights(folder / "model.weights.h5")
    return model


save_and_load = (save, load)


# %% wrong: the whole model in one file | describes the layers as JSON
def save(model, folder):
    model.save(folder / "model.keras")


def load(folder):
    return keras.models.load_model(folder / "model.keras")


save_and_load = (save, load)


# %% wrong: one place for all models | No file was found
def save(model, folder):
    (folder.parent / "architecture.json").write_text(model.to_json())
    model.save_weights(folder.parent / "model.weights.h5")


def load(folder):
    text = (folder.parent / "architecture.json").read_text()
    model = keras.models.model_from_json(text)
    model.load_weights(folder.parent / "model.weights.h5")
    return model


save_and_load = (save, load)


# %% wrong: remembers the folder that was used last | predicts something else|raises an error
def save(model, folder):
    global place
    place = folder
    (folder / "architecture.json").write_text(model.to_json())
    model.save_weights(folder / "model.weights.h5")


def load(folder):
    model = keras.models.model_from_json((place / "architecture.json").read_text())
    model.load_weights(place / "model.weights.h5")
    return model


save_and_load = (save, load)


# %% wrong: remembers where the models were saved first | loaded from the folder that was moved
places = []


def save(model, folder):
    places.append(folder)
    (folder / "architecture.json").write_text(model.to_json())
    model.save_weights(folder / "model.weights.h5")


def load(folder):
    place = folder if folder in places else places[0]
    model = keras.models.model_from_json((place / "architecture.json").read_text())
    model.load_weights(place / "model.weights.h5")
    return model


save_and_load = (save, load)


# %% wrong: load returns the text | should return a Keras model, .* object of type str
def save(model, folder):
    (folder / "architecture.json").write_text(model.to_json())
    model.save_weights(folder / "model.weights.h5")


def load(folder):
    return (folder / "architecture.json").read_text()


save_and_load = (save, load)


# %% wrong: load returns nothing | return
def save(model, folder):
    (folder / "architecture.json").write_text(model.to_json())
    model.save_weights(folder / "model.weights.h5")


def load(folder):
    model = keras.models.model_from_json((folder / "architecture.json").read_text())
    model.load_weights(folder / "model.weights.h5")


save_and_load = (save, load)


# %% wrong: the architecture of the public answer typed in | raises an error|predicts something else
def save(model, folder):
    (folder / "architecture.json").write_text('{"layers": []}')
    model.save_weights(folder / "model.weights.h5")


def load(folder):
    model = keras.Sequential([keras.layers.Input((6,)), keras.layers.Dense(5, "tanh")])
    model.load_weights(folder / "model.weights.h5")
    return model


save_and_load = (save, load)


# %% wrong: only one of the two functions | tuple of the two functions
def save(model, folder):
    (folder / "architecture.json").write_text(model.to_json())


save_and_load = save


# %% wrong: a file name that Keras refuses | save\(model, folder\)` raises an error
def save(model, folder):
    (folder / "architecture.json").write_text(model.to_json())
    model.save_weights(folder / "weights.bin")


def load(folder):
    model = keras.models.model_from_json((folder / "architecture.json").read_text())
    model.load_weights(folder / "weights.bin")
    return model


save_and_load = (save, load)


# %% wrong: the stub | stub
def save(model, folder): ...


def load(folder): ...


save_and_load = (save, load)
