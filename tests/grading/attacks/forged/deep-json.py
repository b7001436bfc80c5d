import os

text = b"[" * 10**6
os.write(3, len(text).to_bytes(8, "little") + text + bytes(8))
