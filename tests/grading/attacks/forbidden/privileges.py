import ctypes, os

assert os.getuid() != 0
library = ctypes.CDLL(None)
assert library.setuid(0) != 0
assert library.mount(b"none", b"/tmp", b"tmpfs", 0, None) != 0
assert library.umount(b"/proc") != 0
library.unshare(0x10020000)
assert library.umount(b"/tmp") != 0
