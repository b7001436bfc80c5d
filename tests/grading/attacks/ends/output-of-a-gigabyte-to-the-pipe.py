# state: crashed
import os

while True:
    os.write(3, bytes(10**6))
