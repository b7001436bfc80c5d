import os, pathlib, sys

root = "/work/main"
assert not os.path.exists(root + "/solutions")
assert not os.path.exists(root + "/tests")
assert set(os.listdir(root)) <= {"course_utils", "data", ".venv"}, os.listdir(root)
assert not os.path.exists("/var") and not os.path.exists("/home") or not os.listdir("/home")
