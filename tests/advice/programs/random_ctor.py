import random


def noise():
    rng = random.Random()  # advise: pool
    return rng.random()


print(sum(noise() for _ in range(8000)) > 0)
