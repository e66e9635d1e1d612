import random


def noise(seed):
    rng = random.Random(seed)  # advise: pool
    return rng.random()


print(sum(noise(i) for i in range(8000)))
