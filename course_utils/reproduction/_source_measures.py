"""What the source experiments measure on a trained model.

Every function takes the model and the data that it was trained on, and returns numbers by name.
Whatever a measure trains itself is seeded by the number of the replicate.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from course_utils.reproduction._source_data import Arrays


def predict(model: Any, x: NDArray[Any]) -> NDArray[Any]:
    """Returns the model's output for images, ``(n, units)``, a few thousand at a time."""
    parts = [np.asarray(model(x[at : at + 5_000])) for at in range(0, len(x), 5_000)]
    return np.concatenate(parts)


def accuracy_on_test(model: Any, data: Arrays) -> Mapping[str, float]:
    """Measures the share of test images whose class the model finds."""
    return {"test_accuracy": _accuracy(predict(model, data.x_test), data.y_test)}


def binary_accuracy_on_test(model: Any, data: Arrays) -> Mapping[str, float]:
    """Measures the share of test images for which a sigmoid unit is on the right side of 1/2."""
    return {"test_accuracy": _binary_accuracy(model, data)}


def r2_on_test(model: Any, data: Arrays) -> Mapping[str, float]:
    """Measures how much of the class matrix the outputs explain.

    R squared of each of the ten columns of 0 and 1, and their mean, as scikit-learn's
    ``r2_score`` gives it: for the predicted probabilities, and for the predicted classes.
    """
    outputs = predict(model, data.x_test).astype(np.float64)
    truth = np.eye(10)[data.y_test]
    classes = np.eye(10)[outputs.argmax(axis=1)]
    spread = ((truth - truth.mean(axis=0)) ** 2).sum(axis=0)
    known = spread > 0  # a trial run may lack a digit
    return {
        name: float((1 - ((truth - found) ** 2).sum(axis=0)[known] / spread[known]).mean())
        for name, found in (("r2_probabilities", outputs), ("r2_classes", classes))
    }


def soft_vote(model: Any, data: Arrays) -> Mapping[str, float]:
    """Trains two more networks like this one and lets the three vote.

    The vote is the mean of their predicted probabilities. Also given: the mean accuracy of the
    three alone.
    """
    import keras

    from course_utils import training

    outputs = [predict(model, data.x_test)]
    other = keras.models.clone_model(model)
    other.compile(**_compilation(model))
    for member in (1, 2):
        seed = _seed(data, member)
        keras.utils.set_random_seed(seed)
        # The same compiled network with fresh weights; plain SGD remembers nothing.
        other.set_weights(keras.models.clone_model(model).get_weights())
        epochs = int(model.optimizer.iterations.numpy()) // -(-len(data.x_train) // 32)
        training.fit(other, data.x_train, data.y_train, epochs=epochs, seed=seed, progress=False)
        outputs.append(predict(other, data.x_test))
    alone = [_accuracy(output, data.y_test) for output in outputs]
    return {
        "test_accuracy": _accuracy(np.mean(outputs, axis=0), data.y_test),
        "member_accuracy": float(np.mean(alone)),
    }


def transfer(model: Any, data: Arrays) -> Mapping[str, float]:
    """Trains task B alone and on the layers of task A, in several ways.

    ``b_alone``: from fresh weights, 20 epochs. ``b_on_a``: on A's weights under a new output
    unit, 16 epochs; ``b_on_a_frozen_first``: 4 epochs of the new unit alone, then 16 of
    everything; ``b_on_a_20``: 20 epochs of everything, as many as ``b_alone``. All four are
    accuracies on B's test images. ``a_before`` and ``a_after``: validation accuracy of task A
    before and after its own layers are trained on task B.
    """
    import keras

    from course_utils import training

    b = data.task_b
    assert b is not None
    seed = _seed(data, 0)
    keras.utils.set_random_seed(seed)
    network = _task_b_network(model)
    fresh = network.get_weights()
    on_a = [*model.get_weights()[:-2], *fresh[-2:]]
    settings: dict[str, Any] = {"seed": seed, "progress": False}
    starts = {"b_alone": (fresh, 20), "b_on_a": (on_a, 16), "b_on_a_20": (on_a, 20)}
    found = {}
    for name, (weights, epochs) in starts.items():
        network.set_weights(weights)
        training.fit(network, b.x_train, b.y_train, epochs=epochs, **settings)
        found[name] = _binary_accuracy(network, b)
    shared = network.get_weights()[:-2]
    head = model.get_weights()[-2:]

    network.set_weights(on_a)
    _compile_task_b(network, trainable=False)
    training.fit(network, b.x_train, b.y_train, epochs=4, **settings)
    _compile_task_b(network, trainable=True)
    training.fit(network, b.x_train, b.y_train, epochs=20, initial_epoch=4, **settings)
    found["b_on_a_frozen_first"] = _binary_accuracy(network, b)

    x_valid, y_valid = np.asarray(data.x_valid), np.asarray(data.y_valid)
    found["a_before"] = _accuracy(predict(model, x_valid), y_valid)
    model.set_weights([*shared, *head])  # what A is once B has been trained on its layers
    found["a_after"] = _accuracy(predict(model, x_valid), y_valid)
    return found


def _task_b_network(model: Any) -> Any:
    """Builds the network of task A afresh, with one sigmoid unit at the end."""
    import keras

    body = keras.models.clone_model(model).layers[:-1]
    network = keras.Sequential([keras.Input((784,)), *body])
    network.add(keras.layers.Dense(1, activation="sigmoid", name="task_b"))
    _compile_task_b(network, trainable=True)
    return network


def _compile_task_b(network: Any, trainable: bool) -> None:
    import keras

    for layer in network.layers[:-1]:
        layer.trainable = trainable
    network.compile(keras.optimizers.SGD(0.001), "binary_crossentropy", metrics=["accuracy"])


def _accuracy(outputs: NDArray[Any], labels: Any) -> float:
    labels = np.asarray(labels)
    classes = labels if labels.ndim == 1 else labels.argmax(axis=1)
    return float((outputs.argmax(axis=1) == classes).mean())


def _binary_accuracy(model: Any, data: Arrays) -> float:
    return float(((predict(model, data.x_test)[:, 0] > 0.5) == (data.y_test == 1)).mean())


def _seed(data: Arrays, number: int) -> int:
    return int(np.random.SeedSequence((31, data.replicate, number)).generate_state(1)[0] >> 1)


def _compilation(model: Any) -> dict[str, Any]:
    import keras

    optimizer = keras.optimizers.deserialize(keras.optimizers.serialize(model.optimizer))
    return {"optimizer": optimizer, "loss": model.loss, "metrics": ["accuracy"]}
