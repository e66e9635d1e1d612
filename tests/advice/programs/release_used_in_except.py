def work(n):
    raw = bytes(n)
    try:
        parts = [bytes(1000) for _ in range(n // 1500)]
        return len(parts), parts[3][0]
    except ValueError:
        return raw[0]


print(work(15_000_000))
