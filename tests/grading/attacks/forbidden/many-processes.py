import threading

wait = threading.Event()
try:
    for _ in range(200):
        threading.Thread(target=wait.wait, daemon=True).start()
    assert False
except RuntimeError:  # threads count as processes
    wait.set()
