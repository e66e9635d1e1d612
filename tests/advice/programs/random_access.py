"""A file that is used in no order: it has to be whole."""

import random
import tempfile


def sample(path):
    with open(path, "rb") as file:
        data = file.read()
    rng = random.Random(7)
    return sum(data[rng.randrange(len(data))] for _ in range(200_000))


with tempfile.NamedTemporaryFile() as file:
    for _ in range(100):
        file.write(b"0123456789abcdef" * 8192)
    file.flush()
    print(sample(file.name))
