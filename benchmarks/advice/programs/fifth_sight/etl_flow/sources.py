import random

CITIES = ("Lyon", "Turin", "Graz", "Porto", "Gent")


def meter_lines(count, seed=31):
    rng = random.Random(seed)
    for i in range(count):
        if i % 97 == 0:
            yield "# meter block"
        yield f"{i};{rng.choice(CITIES)};{rng.randrange(10, 9000)};{rng.choice('AB')};{i % 365}"
