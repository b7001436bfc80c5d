"""Why a reported figure lies outside our range, where it does.

Keys are source, experiment, figure. Written by hand after looking at the results; a test demands a
text for each figure that lies outside, and none for the others.
"""

_CHANCE = "Within what chance does: {}."

WHY_NOT: dict[tuple[str, str, str], str] = {
    ("A", "baseline", "test accuracy"): (
        "Ours say the same class, the digit 1, for every image, and are right on its share of the "
        "test set. The source's was right on one image fewer, so it was not quite constant."
    ),
    ("A", "optimizer", "test accuracy"): (
        "Not known. It is a single run, a little above the best of ours, from older versions."
    ),
    ("A", "dropout", "test accuracy"): _CHANCE.format(
        "the network is in the middle of its steepest climb, and replicates differ widely"
    ),
    ("A", "ensemble", "test accuracy"): _CHANCE.format("three replicates span a narrow range"),
    ("B", "SGD with decay", "test accuracy"): _CHANCE.format("a little below the worst of ours"),
    ("B", "SGD with decay", "test loss"): _CHANCE.format(
        "it is the same run as that of the accuracy, a little worse than ours"
    ),
    ("C", "model 1", "training accuracy"): (
        "Not known. It is a single run, a little above the best of ours, from older versions."
    ),
    ("C", "model 2", "training accuracy"): (
        "Not known. It is a single run, a little below the worst of ours, from older versions."
    ),
    ("C", "model 3", "training accuracy"): (
        "Chance does not explain it: it lies many standard deviations above ours. Adagrad at its "
        "default rate still climbs after 20 epochs, so one more call of fit, which goes on where "
        "the last one stopped, would raise it. The published text does not tell."
    ),
    ("D", "dropout", "validation accuracy"): _CHANCE.format(
        "after two epochs the accuracy still moves up and down from seed to seed"
    ),
    ("D", "max-norm", "validation accuracy"): _CHANCE.format(
        "after two epochs the accuracy still moves up and down from seed to seed"
    ),
    ("D", "SELU, 100 hidden layers", "validation accuracy"): _CHANCE.format(
        "three replicates of a network this deep differ by more than a tenth"
    ),
}
