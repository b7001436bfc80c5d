try:
    open("/tmp/x", "wb").write(bytes(200_000_000))
    assert False
except OSError:
    pass
