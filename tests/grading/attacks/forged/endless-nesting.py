def stable_limit(h):
    x = []
    x.append(x)
    return x
