import os

import course_utils

root = os.path.dirname(os.path.dirname(course_utils.__file__))
assert set(os.listdir(root)) <= {"course_utils", "data", ".venv"}, os.listdir(root)
assert not os.path.exists("/home") or not os.listdir("/home")
assert not os.path.exists("/var")
