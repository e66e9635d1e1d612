import random

STEMS = ["measure", "harbour", "signal", "granite", "lantern", "meadow",
         "copper", "voyage", "thistle", "orchard", "kestrel", "anchor"]
ENDINGS = ["", "s", "ed", "ing", "er", "less", "ful", "ment"]


def documents(count, seed):
    rng = random.Random(seed)
    for number in range(count):
        words = [rng.choice(STEMS) + rng.choice(ENDINGS) for _ in range(90)]
        yield number, " ".join(words)
