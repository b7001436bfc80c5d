# state: done; says: took more than 1 s
while True:
    pass
