# forbid: pool gc-pressure leak
"""Tiny ray caster: spheres over a plane, prints brightness by row band."""
from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class V3:
    x: float
    y: float
    z: float

    def __add__(self, o: V3) -> V3:
        return V3(self.x + o.x, self.y + o.y, self.z + o.z)

    def __sub__(self, o: V3) -> V3:
        return V3(self.x - o.x, self.y - o.y, self.z - o.z)

    def __mul__(self, k: float) -> V3:
        return V3(self.x * k, self.y * k, self.z * k)

    def dot(self, o: V3) -> float:
        return self.x * o.x + self.y * o.y + self.z * o.z

    def unit(self) -> V3:
        return self * (1 / math.sqrt(self.dot(self)))


@dataclass(slots=True)
class Hit:
    distance: float
    point: V3
    normal: V3
    albedo: float


class Sphere:
    def __init__(self, centre, radius, albedo):
        self.centre, self.radius, self.albedo = centre, radius, albedo

    def hit(self, origin, direction):
        oc = origin - self.centre
        b = oc.dot(direction)
        c = oc.dot(oc) - self.radius ** 2
        disc = b * b - c
        if disc <= 0:
            return None
        t = -b - math.sqrt(disc)
        if t < 1e-4:
            return None
        p = origin + direction * t
        return Hit(t, p, (p - self.centre) * (1 / self.radius), self.albedo)


class Floor:
    albedo = 0.7

    def hit(self, origin, direction):
        if direction.y >= -1e-6:
            return None
        t = -origin.y / direction.y
        p = origin + direction * t
        shade = 0.9 if (math.floor(p.x) + math.floor(p.z)) % 2 else 0.4
        return Hit(t, p, V3(0, 1, 0), shade)


class World:
    def __init__(self, shapes, light):
        self.shapes = shapes
        self.light = light.unit()

    def nearest(self, origin, direction):
        best = None
        for s in self.shapes:
            h = s.hit(origin, direction)
            if h and (best is None or h.distance < best.distance):
                best = h
        return best

    def shade(self, origin, direction):
        h = self.nearest(origin, direction)
        if h is None:
            return 0.3 + 0.3 * max(direction.y, 0)
        lit = max(0.0, h.normal.dot(self.light))
        if lit and self.nearest(h.point + h.normal * 1e-3, self.light):
            lit = 0.0
        return h.albedo * (0.2 + 0.8 * lit)


def render(world, w, h):
    eye = V3(0, 1.2, -4)
    for j in range(h):
        total = 0.0
        for i in range(w):
            d = V3((i - w / 2) / w * 1.6, (h / 2 - j) / w * 1.6, 1.4).unit()
            total += world.shade(eye, d)
        yield total / w


def main():
    world = World(
        [Floor(), Sphere(V3(-1, 1, 1), 1, 0.8), Sphere(V3(1.2, 0.6, 0), 0.6, 0.6), Sphere(V3(0.2, 0.3, -1), 0.3, 0.9)],
        V3(1, 2, -1),
    )
    rows = list(render(world, 330, 195))
    for band in range(0, len(rows), 15):
        print(f"{band:4d} {sum(rows[band:band + 15]) / 15:.6f}")


if __name__ == "__main__":
    main()
