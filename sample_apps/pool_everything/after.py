"""Follows particles through a field: makes each particle, and lets it go."""

from __future__ import annotations

BURST = 40_000
STEPS = 120_000


class Particle:
    __slots__ = ("mass", "speed")

    def __init__(self, mass: int, speed: int) -> None:
        self.mass = mass
        self.speed = speed


def burst() -> int:
    particles = [Particle(number % 7, number % 11) for number in range(BURST)]
    return sum(particle.mass * particle.speed for particle in particles)


def follow() -> int:
    momentum = 0
    for number in range(STEPS):
        particle = Particle(number % 5, number % 13)
        momentum += particle.mass * particle.speed
    return momentum


def main() -> None:
    print(f"momentum {burst() + follow()}")


if __name__ == "__main__":
    main()
