import tempfile

folder = tempfile.gettempdir()
try:
    for number in range(100):
        open(f"{folder}/{number}", "wb").write(bytes(10_000_000))
    assert False
except OSError as error:
    assert error.errno == 28, error
