# %% setup
import numpy as np


# %% reference
def test_accuracies(models, x_test, y_test):
    accuracies = {}
    for name, model in models.items():
        loss, accuracy = model.evaluate(x_test, y_test, verbose=0)
        accuracies[name] = accuracy
    return accuracies


# %% right: from the predictions
def test_accuracies(models, x_test, y_test):
    return {
        name: np.mean(model.predict(x_test, verbose=0).argmax(axis=1) == y_test)
        for name, model in models.items()
    }


# %% right: evaluate as a dict, results rounded
def test_accuracies(models, x_test, y_test):
    results = {}
    for name in sorted(models):
        metrics = models[name].evaluate(x_test, y_test, verbose=0, return_dict=True)
        results[name] = round(metrics["accuracy"], 4)
    return results


# %% right: the model called, arrays of one number
def test_accuracies(models, x_test, y_test):
    found = {}
    for name, model in models.items():
        classes = np.argmax(model(x_test), axis=-1)
        found[name] = np.array([(classes == y_test).sum() / len(y_test)], np.float32)
    return found


# %% wrong: always the last model | Every name has the accuracy of
def test_accuracies(models, x_test, y_test):
    for name, model in models.items():
        pass
    return {name: model.evaluate(x_test, y_test, verbose=0)[1] for name in models}


# %% wrong: the bug of the lesson, one model twice | stands the accuracy of
def test_accuracies(models, x_test, y_test):
    names = list(models)
    accuracies = [models[name].evaluate(x_test, y_test, verbose=0)[1] for name in names]
    accuracies[2] = models[names[1]].evaluate(x_test, y_test, verbose=0)[1]
    return dict(zip(names, accuracies))


# %% wrong: the order mixed up | stands the accuracy of
def test_accuracies(models, x_test, y_test):
    values = [m.evaluate(x_test, y_test, verbose=0)[1] for m in models.values()]
    return dict(zip(sorted(models), values))


# %% wrong: the loss | These are the losses
def test_accuracies(models, x_test, y_test):
    return {n: m.evaluate(x_test, y_test, verbose=0)[0] for n, m in models.items()}


# %% wrong: loss and accuracy | should be a number
def test_accuracies(models, x_test, y_test):
    return {n: m.evaluate(x_test, y_test, verbose=0) for n, m in models.items()}


# %% wrong: the error | shares of wrong predictions
def test_accuracies(models, x_test, y_test):
    return {n: 1 - m.evaluate(x_test, y_test, verbose=0)[1] for n, m in models.items()}


# %% wrong: in percent | percentages
def test_accuracies(models, x_test, y_test):
    return {n: 100 * m.evaluate(x_test, y_test, verbose=0)[1] for n, m in models.items()}


# %% wrong: the first examples only | share of all the test examples
def test_accuracies(models, x_test, y_test):
    return {n: m.evaluate(x_test[:17], y_test[:17], verbose=0)[1] + 1e-3 for n, m in models.items()}


# %% wrong: a list without names | The keys of the dict
def test_accuracies(models, x_test, y_test):
    return [m.evaluate(x_test, y_test, verbose=0)[1] for m in models.values()]


# %% wrong: the training data, which the function does not get | x_train
def test_accuracies(models, x_test, y_test):
    x, y = x_train, y_train  # noqa: F821
    return {n: m.evaluate(x, y, verbose=0)[1] for n, m in models.items()}


# %% wrong: the answer of the public check typed in | The keys of the dict
def test_accuracies(models, x_test, y_test):
    return {"he_normal": 0.4697, "baseline": 0.5303, "adagrad": 0.7424, "wide": 0.6818}


# %% wrong: the figures of the lesson typed in | The keys of the dict
def test_accuracies(models, x_test, y_test):
    return {"model_1": 0.9752, "model_2": 0.9793, "model_3": 0.9793}


# %% wrong: the stub | stub
def test_accuracies(models, x_test, y_test): ...
