import random


def jobs(names, count, seed=21):
    rng = random.Random(seed)
    image = bytes(int(rng.triangular(0, 255)) for _ in range(1 << 16)) * 64
    for ticket in range(count):
        at = rng.randrange(len(image) - 500_000)
        yield ticket, rng.choice(names), image[at:at + 400_000]
