import socket

try:
    socket.create_connection(("192.0.2.1", 80), 2)
    assert False
except OSError as error:
    assert error.errno == 101, error
