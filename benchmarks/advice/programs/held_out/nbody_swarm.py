"""Swarm of particles in a box with wall bounces and a central attractor."""
import math
import random
import threading


class Vec:
    __slots__ = ("x", "y")

    def __init__(self, x=0.0, y=0.0):
        self.x = x
        self.y = y

    def __repr__(self):
        return f"Vec({self.x:.3f}, {self.y:.3f})"


class VecPool:
    """Recycles vectors so the simulation loop doesn't allocate."""

    def __init__(self, prefill=64):
        self._lock = threading.Lock()
        self._free = [Vec() for _ in range(prefill)]
        self.created = prefill

    def acquire(self, x, y):
        with self._lock:
            if self._free:
                v = self._free.pop()  # advise: over-pooled
            else:
                v = Vec()
                self.created += 1
        v.x = x
        v.y = y
        return v

    def release(self, *vectors):
        with self._lock:
            self._free.extend(vectors)


VECTORS = VecPool()


class Body:
    def __init__(self, pos, vel, mass):
        self.pos, self.vel, self.mass = pos, vel, mass

    def pull(self, centre):
        d = VECTORS.acquire(centre.x - self.pos.x, centre.y - self.pos.y)
        r = math.hypot(d.x, d.y) + 0.05
        f = VECTORS.acquire(d.x / r ** 2, d.y / r ** 2)
        VECTORS.release(d)
        return f

    def step(self, force, dt):
        dv = VECTORS.acquire(force.x * dt / self.mass, force.y * dt / self.mass)
        self.vel.x += dv.x
        self.vel.y += dv.y
        VECTORS.release(dv, force)
        self.pos.x += self.vel.x * dt
        self.pos.y += self.vel.y * dt
        if not 0 <= self.pos.x <= 1:
            self.vel.x = -self.vel.x
        if not 0 <= self.pos.y <= 1:
            self.vel.y = -self.vel.y


class Swarm:
    def __init__(self, n, seed=30):
        rng = random.Random(seed)
        self.bodies = [
            Body(Vec(rng.random(), rng.random()), Vec(rng.uniform(-1, 1), rng.uniform(-1, 1)), rng.uniform(1, 3))
            for _ in range(n)
        ]
        self.centre = Vec(0.5, 0.5)

    def energy(self):
        return sum(b.mass * (b.vel.x ** 2 + b.vel.y ** 2) / 2 for b in self.bodies)

    def run(self, steps, dt=0.002):
        for _ in range(steps):
            for b in self.bodies:
                b.step(b.pull(self.centre), dt)


def main():
    swarm = Swarm(400)
    for phase in range(5):
        swarm.run(220)
        print(phase, f"{swarm.energy():.6f}", swarm.bodies[phase].pos)


if __name__ == "__main__":
    main()
