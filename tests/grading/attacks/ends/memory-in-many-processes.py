# state: memory
import os, time

for _ in range(9):
    if os.fork() == 0:
        x = bytearray(300_000_000)
        time.sleep(9)
time.sleep(9)
