# state: done|timeout
while True:
    try:
        while True:
            pass
    except BaseException:
        pass
    finally:
        exec("while True: pass")
