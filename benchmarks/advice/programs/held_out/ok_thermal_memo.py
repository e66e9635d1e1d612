"""Heat loss of building variants; the costly part is remembered within a bound."""
# forbid: leak, pool
import functools
import math
import random


@functools.lru_cache(maxsize=512)
def transmittance(layers):
    """Overall U-value of a wall of (thickness in mm, conductivity) layers."""
    resistance = 0.17
    for thickness, conductivity in layers:
        for _ in range(12):
            resistance += thickness / 12_000 / conductivity
    return 1 / resistance


MATERIALS = [(0.04, 160), (0.6, 240), (0.13, 28), (0.9, 115), (0.035, 200)]


def wall(rng):
    layers = []
    for conductivity, thickness in rng.choices(MATERIALS, k=4):
        layers.append((thickness + rng.randrange(0, 60, 2), conductivity))
    return tuple(layers)


class Building:
    def __init__(self, rng):
        self.walls = [(wall(rng), rng.randint(8, 40)) for _ in range(6)]

    def loss(self, difference):
        return sum(transmittance(layers) * area * difference for layers, area in self.walls)


def main():
    rng = random.Random(17)
    worst = 0.0
    total = 0.0
    for _ in range(13_000):
        loss = Building(rng).loss(24.0)
        total += loss
        worst = max(worst, loss)
    info = transmittance.cache_info()
    print(f"mean {total / 13_000:.4f} worst {worst:.4f}")
    print("remembered", info.currsize, "of", info.maxsize, math.floor(total))


if __name__ == "__main__":
    main()
