"""Imports the package before any test imports Keras: it settles how TensorFlow starts."""

import course_utils  # noqa: F401
