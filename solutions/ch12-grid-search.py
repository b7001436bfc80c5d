# %% setup
from itertools import product

import numpy as np
import pandas as pd


# %% reference
def grid_search(train, learning_rates, momenta, epochs, replicates):
    table = []
    for rate in learning_rates:
        for momentum in momenta:
            for n in epochs:
                setting = (rate, momentum, n)
                scores = [train(*setting, seed)["val_accuracy"] for seed in range(replicates)]
                table.append((*setting, np.mean(scores)))
    best = max(table, key=lambda row: row[3])[:3]
    return best, table


# %% right: nested loops, keywords, arrays, seeds outside
def grid_search(train, learning_rates, momenta, epochs, replicates):
    rows, total = [], {}
    for seed in range(replicates):
        for n in epochs:
            for m in momenta:
                for lr in learning_rates:
                    result = train(seed=seed, epochs=n, momentum=m, learning_rate=lr)
                    key = (lr, m, n)
                    total[key] = total.get(key, 0) + result["val_accuracy"] / replicates
    rows = np.array([[*key, mean] for key, mean in total.items()])
    return list(rows[rows[:, 3].argmax(), :3]), rows


# %% right: pandas, the means rounded, the grid's momenta computed
def grid_search(train, learning_rates, momenta, epochs, replicates):
    names = ["learning_rate", "momentum", "epochs"]
    runs = pd.DataFrame(
        [
            (lr, m, n, train(lr, m, n, seed)["val_accuracy"])
            for lr in learning_rates
            for m in np.arange(0.1, 1.0, 0.2)
            for n in epochs
            for seed in range(replicates)
        ],
        columns=[*names, "val_accuracy"],
    )
    means = runs.groupby(names, as_index=False)["val_accuracy"].mean().round({"val_accuracy": 5})
    best = means.sort_values("val_accuracy").iloc[-1][names]
    return best, means


# %% wrong: the luckiest replicate | one lucky replicate
def grid_search(train, learning_rates, momenta, epochs, replicates):
    table = []
    for setting in product(learning_rates, momenta, epochs):
        scores = [train(*setting, seed)["val_accuracy"] for seed in range(replicates)]
        table.append((*setting, max(scores)))
    return max(table, key=lambda row: row[3])[:3], table


# %% wrong: one run each | seeds, not 1
def grid_search(train, learning_rates, momenta, epochs, replicates):
    table = [
        (*setting, train(*setting, 0)["val_accuracy"])
        for setting in product(learning_rates, momenta, epochs)
    ]
    return max(table, key=lambda row: row[3])[:3], table


# %% wrong: the test accuracy | which must not be used for a choice
def grid_search(train, learning_rates, momenta, epochs, replicates):
    table = []
    for setting in product(learning_rates, momenta, epochs):
        scores = [train(*setting, seed)["test_accuracy"] for seed in range(replicates)]
        table.append((*setting, np.mean(scores)))
    return max(table, key=lambda row: row[3])[:3], table


# %% wrong: the training accuracy | best on the training data
def grid_search(train, learning_rates, momenta, epochs, replicates):
    table = []
    for setting in product(learning_rates, momenta, epochs):
        scores = [train(*setting, seed)["accuracy"] for seed in range(replicates)]
        table.append((*setting, np.mean(scores)))
    return max(table, key=lambda row: row[3])[:3], table


# %% wrong: one parameter at a time | of 30 settings were tried
def grid_search(train, learning_rates, momenta, epochs, replicates):
    table = []

    def mean(*setting):
        scores = [train(*setting, seed)["val_accuracy"] for seed in range(replicates)]
        table.append((*setting, np.mean(scores)))
        return table[-1][3]

    m, n = momenta[0], epochs[0]
    lr = max(learning_rates, key=lambda value: mean(value, m, n))
    m = max(momenta, key=lambda value: mean(lr, value, n))
    n = max(epochs, key=lambda value: mean(lr, m, value))
    return (lr, m, n), table


# %% wrong: the range of the momenta ends before 0.9 | Momentum 0.9 was never tried
def grid_search(train, learning_rates, momenta, epochs, replicates):
    table = []
    for setting in product(learning_rates, np.arange(0.1, 0.9, 0.2), epochs):
        scores = [train(*setting, seed)["val_accuracy"] for seed in range(replicates)]
        table.append((*setting, np.mean(scores)))
    return max(table, key=lambda row: row[3])[:3], table


# %% wrong: another seed for every run | seeds of its own
def grid_search(train, learning_rates, momenta, epochs, replicates):
    table, seed = [], 0
    for setting in product(learning_rates, momenta, epochs):
        scores = []
        for _ in range(replicates):
            scores.append(train(*setting, seed)["val_accuracy"])
            seed += 1
        table.append((*setting, np.mean(scores)))
    return max(table, key=lambda row: row[3])[:3], table


# %% wrong: seeds from 1 | seeds should be 0 to
def grid_search(train, learning_rates, momenta, epochs, replicates):
    table = []
    for setting in product(learning_rates, momenta, epochs):
        scores = [train(*setting, seed)["val_accuracy"] for seed in range(1, replicates + 1)]
        table.append((*setting, np.mean(scores)))
    return max(table, key=lambda row: row[3])[:3], table


# %% wrong: one seed over and over | seeds, not 1
def grid_search(train, learning_rates, momenta, epochs, replicates):
    table = []
    for setting in product(learning_rates, momenta, epochs):
        scores = [train(*setting, 42)["val_accuracy"] for seed in range(replicates)]
        table.append((*setting, np.mean(scores)))
    return max(table, key=lambda row: row[3])[:3], table


# %% wrong: the smallest mean | worst one
def grid_search(train, learning_rates, momenta, epochs, replicates):
    table = []
    for setting in product(learning_rates, momenta, epochs):
        scores = [train(*setting, seed)["val_accuracy"] for seed in range(replicates)]
        table.append((*setting, np.mean(scores)))
    return min(table, key=lambda row: row[3])[:3], table


# %% wrong: chosen among the first seed's scores, table of means | first seed alone
def grid_search(train, learning_rates, momenta, epochs, replicates):
    table, firsts = [], []
    for setting in product(learning_rates, momenta, epochs):
        scores = [train(*setting, seed)["val_accuracy"] for seed in range(replicates)]
        table.append((*setting, np.mean(scores)))
        firsts.append(scores[0])
    return table[int(np.argmax(firsts))][:3], table


# %% wrong: the table has the last score only | last seed
def grid_search(train, learning_rates, momenta, epochs, replicates):
    table = {}
    for setting in product(learning_rates, momenta, epochs):
        for seed in range(replicates):
            table[setting] = train(*setting, seed)["val_accuracy"]
    best = max(table, key=table.get)
    return best, [(*setting, score) for setting, score in table.items()]


# %% wrong: the order of the arguments | not in the lists
def grid_search(train, learning_rates, momenta, epochs, replicates):
    table = []
    for lr, m, n in product(learning_rates, momenta, epochs):
        scores = [train(m, lr, n, seed)["val_accuracy"] for seed in range(replicates)]
        table.append((lr, m, n, np.mean(scores)))
    return max(table, key=lambda row: row[3])[:3], table


# %% wrong: the mean as well in best | should have the shape \(3,\)
def grid_search(train, learning_rates, momenta, epochs, replicates):
    table = []
    for setting in product(learning_rates, momenta, epochs):
        scores = [train(*setting, seed)["val_accuracy"] for seed in range(replicates)]
        table.append((*setting, np.mean(scores)))
    return max(table, key=lambda row: row[3]), table


# %% wrong: only the best is returned | two values
def grid_search(train, learning_rates, momenta, epochs, replicates):
    table = []
    for setting in product(learning_rates, momenta, epochs):
        scores = [train(*setting, seed)["val_accuracy"] for seed in range(replicates)]
        table.append((*setting, np.mean(scores)))
    return max(table, key=lambda row: row[3])[:3]


# %% wrong: the answer of the public check typed in | never called
def grid_search(train, learning_rates, momenta, epochs, replicates):
    return (0.00303, 0.9, 7), [(0.00303, 0.9, 7, 0.89)] * 30


# %% wrong: the stub | stub
def grid_search(train, learning_rates, momenta, epochs, replicates): ...
