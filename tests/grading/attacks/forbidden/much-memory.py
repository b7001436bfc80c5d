try:
    bytearray(10**10)
    assert False
except MemoryError:
    pass
