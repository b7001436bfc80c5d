import os

assert "COURSE_TEST_SECRET" not in os.environ
