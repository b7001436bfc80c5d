import os, course_utils, sys

for folder in ("/", "/dev", "/usr", "/etc", sys.prefix, os.path.dirname(course_utils.__file__)):
    try:
        open(folder + "/left", "w")
    except OSError:
        continue
    assert False, folder
