"""Dictionaries of eight fields, each of which the other shape must have."""


def load(count):
    rows = []
    for n in range(count):
        row = {"a": n, "b": n, "c": n, "d": n, "e": n, "f": n, "g": n, "h": n}  # advise: compact
        rows.append(row)
    return rows


rows = load(40_000)
print(sum(row["h"] for row in rows))
