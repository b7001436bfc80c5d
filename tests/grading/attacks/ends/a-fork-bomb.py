# state: done|memory|timeout|crashed
import os

while True:
    os.fork()
