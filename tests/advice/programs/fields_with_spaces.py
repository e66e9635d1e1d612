"""Dictionaries whose keys are no names: no class can have them as attributes."""


def load(count):
    rows = []
    for n in range(count):
        rows.append({"first name": str(n), "class": n, "3rd": None})  # advise: compact
    return rows


rows = load(60_000)
print(sum(row["class"] for row in rows))
