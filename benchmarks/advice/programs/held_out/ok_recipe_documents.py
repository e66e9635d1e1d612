"""Merges JSON documents of no fixed shape: patches come in any order, the result is asked for at random."""

# forbid: compact leak gc-pressure chunk

import json
import random


def merge_patch(target, patch):
    """RFC 7396."""
    if not isinstance(patch, dict):
        return patch
    if not isinstance(target, dict):
        target = {}
    for key, value in patch.items():
        if value is None:
            target.pop(key, None)
        else:
            target[key] = merge_patch(target.get(key), value)
    return target


FIELDS = ["title", "serves", "minutes", "oven", "source", "rating", "allergens", "season", "cost", "notes"]


def patch(rng):
    document = {}
    for field in rng.sample(FIELDS, rng.randint(1, 4)):
        kind = rng.random()
        if kind < 0.1:
            document[field] = None
        elif kind < 0.4:
            document[field] = {rng.choice("abcdefgh"): rng.randint(0, 999) for _ in range(rng.randint(1, 3))}
        else:
            document[field] = rng.choice(["low", "high", "soon", 4, 6, 2.5])
    return document


def main():
    rng = random.Random(404)
    store = {}
    for _ in range(25_000):
        name = f"recipe-{rng.randrange(9000)}"
        wire = json.dumps(patch(rng))
        store[name] = merge_patch(store.get(name), json.loads(wire))
    answer = 0
    for _ in range(30_000):
        document = store.get(f"recipe-{rng.randrange(9000)}", {})
        answer = (answer * 31 + len(json.dumps(document, sort_keys=True))) % 1_000_003
    shapes = len({tuple(sorted(document)) for document in store.values()})
    print(len(store), shapes, answer)


if __name__ == "__main__":
    main()
