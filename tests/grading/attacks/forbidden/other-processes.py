import os

assert [name for name in os.listdir("/proc") if name.isdigit()] == ["1"]
for process in range(2, 1000):
    try:
        os.kill(process, 9)
    except OSError:
        continue
    assert False, process
