"""A simulation whose particles are instances with a dictionary each."""
# may: gc-pressure

import random


class Particle:
    def __init__(self, x, y, vx, vy):
        self.x = x
        self.y = y
        self.vx = vx
        self.vy = vy

    def move(self):
        self.x += self.vx
        self.y += self.vy


def world(count: int) -> list:
    rng = random.Random(1)
    return [
        Particle(rng.random(), rng.random(), rng.random(), rng.random())  # advise: compact
        for _ in range(count)
    ]


particles = world(120_000)
for particle in particles:
    particle.move()
print(sum(particle.x for particle in particles))
