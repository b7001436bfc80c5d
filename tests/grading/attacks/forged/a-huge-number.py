def stable_limit(h):
    return 10**5000
