# state: done|memory|timeout
while True:
    print("x" * 10**6)
