"""Companion package of the course *Training Neural Networks Properly*.

Import it before TensorFlow: it asks TensorFlow for quiet logs and for the same
rounding on every processor, which TensorFlow reads only once, at its import.
"""

import os

__version__ = "0.1.0"

for _name, _value in {
    "KERAS_BACKEND": "tensorflow",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TF_ENABLE_ONEDNN_OPTS": "0",
}.items():
    os.environ.setdefault(_name, _value)
