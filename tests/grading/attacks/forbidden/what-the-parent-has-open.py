import os

assert len(os.listdir("/proc/self/fd")) <= 5
