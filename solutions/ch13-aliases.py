# %% setup
from itertools import combinations, product

import numpy as np


# %% reference
def aliases(generators, effect):
    def times(one, other):
        sign = (one[:1] == "-") ^ (other[:1] == "-")
        letters = set(one.strip("-")) ^ set(other.strip("-"))
        return "-" * sign + "".join(sorted(letters))

    words = [""]
    for letter, column in generators.items():
        words += [times(word, times(letter, column)) for word in words]
    return [times(effect, word) for word in words[1:]]


# %% right: by comparing the columns of the design
def aliases(generators, effect):
    letters = set(effect) | set(generators)
    for column in generators.values():
        letters |= set(column) - {"-"}
    basic = sorted(letters - set(generators))
    runs = np.array(list(product([-1, 1], repeat=len(basic))))
    columns = dict(zip(basic, runs.T))

    def of(word):
        return np.prod([columns[letter] for letter in word], axis=0)

    for letter, column in generators.items():
        columns[letter] = of(column.strip("-")) * (-1 if column[0] == "-" else 1)
    found = []
    for size in range(1, len(letters) + 1):
        for choice in combinations(sorted(letters), size):
            word = "".join(choice)
            same = of(word) @ of(effect)
            if word != effect and abs(same) == len(runs):
                found.append("-" + word if same < 0 else word)
    return found


# %% right: with bits, as a set
def aliases(generators, effect):
    def bits(word):
        return sum(1 << (ord(letter) - 65) for letter in word.strip("-"))

    found = {(bits(effect), 0)}
    for letter, column in generators.items():
        mask, minus = bits(column) | bits(letter), int("-" in column)
        found |= {(one ^ mask, sign ^ minus) for one, sign in found}
    found -= {(bits(effect), 0)}
    return {
        "-" * sign + "".join(chr(65 + n) for n in range(26) if one >> n & 1) for one, sign in found
    }


# %% wrong: only the words of the generators | Products of two defining words
def aliases(generators, effect):
    found = []
    for letter, column in generators.items():
        sign = "-" if column[0] == "-" else ""
        rest = set(column.strip("-")) ^ {letter} ^ set(effect)
        found.append(sign + "".join(sorted(rest)))
    return found


# %% wrong: no signs | minus times minus
def aliases(generators, effect):
    words = [set()]
    for letter, column in generators.items():
        words += [word ^ {letter} ^ set(column.strip("-")) for word in words]
    return ["".join(sorted(word ^ set(effect))) for word in words[1:]]


# %% wrong: a minus as soon as there is one | minus times minus
def aliases(generators, effect):
    words = [("", set())]
    for letter, column in generators.items():
        minus = "-" if column[0] == "-" else ""
        words += [(sign or minus, word ^ {letter} ^ set(column.strip("-"))) for sign, word in words]
    return [sign + "".join(sorted(word ^ set(effect))) for sign, word in words[1:]]


# %% wrong: the effect itself too | effect itself
def aliases(generators, effect):
    words = [("", set())]
    for letter, column in generators.items():
        minus = column[0] == "-"
        words += [
            ("-" * (minus ^ (sign == "-")), word ^ {letter} ^ set(column.strip("-")))
            for sign, word in words
        ]
    return [sign + "".join(sorted(word ^ set(effect))) for sign, word in words]


# %% wrong: squares are left in | stands twice
def aliases(generators, effect):
    words = [""]
    for letter, column in generators.items():
        words += [word + letter + column.strip("-") for word in words]
    return ["".join(sorted(word + effect)) for word in words[1:]]


# %% wrong: the defining words | multiplied by the effect
def aliases(generators, effect):
    words = [("", set())]
    for letter, column in generators.items():
        minus = column[0] == "-"
        words += [
            ("-" * (minus ^ (sign == "-")), word ^ {letter} ^ set(column.strip("-")))
            for sign, word in words
        ]
    return [sign + "".join(sorted(word)) for sign, word in words[1:]]


# %% wrong: interactions of two at most | Some are missing|Is the column|should be|stub
def aliases(generators, effect):
    words = [("", set())]
    for letter, column in generators.items():
        minus = column[0] == "-"
        words += [
            ("-" * (minus ^ (sign == "-")), word ^ {letter} ^ set(column.strip("-")))
            for sign, word in words
        ]
    found = [sign + "".join(sorted(word ^ set(effect))) for sign, word in words[1:]]
    return [word for word in found if len(word.strip("-")) <= 2]


# %% wrong: letters in any order | alphabetical order
def aliases(generators, effect):
    words = [("", set())]
    for letter, column in generators.items():
        minus = column[0] == "-"
        words += [
            ("-" * (minus ^ (sign == "-")), word ^ {letter} ^ set(column.strip("-")))
            for sign, word in words
        ]
    return [sign + "".join(sorted(word ^ set(effect), reverse=True)) for sign, word in words[1:]]


# %% wrong: the example of the task typed in | Is the column
def aliases(generators, effect):
    return ["-CD"]


# %% wrong: one text | should be a dict or a list
def aliases(generators, effect):
    letter, column = next(iter(generators.items()))
    return "".join(sorted(set(column.strip("-")) ^ {letter} ^ set(effect)))


# %% wrong: the stub | stub
def aliases(generators, effect): ...
