"""Follows particles through a field: takes each particle from a pool and gives it back."""

from __future__ import annotations

import threading

BURST = 40_000
STEPS = 120_000


class Particle:
    __slots__ = ("mass", "speed")

    def __init__(self, mass: int, speed: int) -> None:
        self.mass = mass
        self.speed = speed


class ParticlePool:
    """What a pool looks like in most languages: a list and a lock."""

    def __init__(self) -> None:
        self._idle: list[Particle] = []
        self._lock = threading.Lock()

    def get(self, mass: int, speed: int) -> Particle:
        with self._lock:
            if self._idle:
                particle = self._idle.pop()
                particle.mass = mass
                particle.speed = speed
                return particle
        return Particle(mass, speed)

    def put(self, particle: Particle) -> None:
        with self._lock:
            self._idle.append(particle)


pool = ParticlePool()


def burst() -> int:
    particles = [pool.get(number % 7, number % 11) for number in range(BURST)]
    momentum = sum(particle.mass * particle.speed for particle in particles)
    for particle in particles:
        pool.put(particle)
    return momentum


def follow() -> int:
    momentum = 0
    for number in range(STEPS):
        particle = pool.get(number % 5, number % 13)
        momentum += particle.mass * particle.speed
        pool.put(particle)
    return momentum


def main() -> None:
    print(f"momentum {burst() + follow()}")


if __name__ == "__main__":
    main()
