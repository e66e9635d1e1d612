"""Traces rays at spheres; vectors are made by the hundred thousand and are gone at once."""

# forbid: pool compact gc-pressure over-pooled arena-pinning

import math


class Vec:
    __slots__ = ("x", "y", "z")

    def __init__(self, x, y, z):
        self.x, self.y, self.z = x, y, z

    def __add__(self, other):
        return Vec(self.x + other.x, self.y + other.y, self.z + other.z)

    def __sub__(self, other):
        return Vec(self.x - other.x, self.y - other.y, self.z - other.z)

    def __mul__(self, factor):
        return Vec(self.x * factor, self.y * factor, self.z * factor)

    def dot(self, other):
        return self.x * other.x + self.y * other.y + self.z * other.z

    def unit(self):
        return self * (1 / math.sqrt(self.dot(self)))


class Sphere:
    def __init__(self, centre, radius, shade):
        self.centre = centre
        self.radius = radius
        self.shade = shade

    def hit(self, origin, direction):
        away = origin - self.centre
        b = away.dot(direction)
        root = b * b - away.dot(away) + self.radius**2
        if root < 0:
            return None
        distance = -b - math.sqrt(root)
        return distance if distance > 1e-4 else None


def brightness(spheres, sun, origin, direction, depth=2):
    hits = [(d, n) for n, sphere in enumerate(spheres) if (d := sphere.hit(origin, direction)) is not None]
    if not hits:
        return 0.1
    distance, number = min(hits)
    sphere = spheres[number]
    point = origin + direction * distance
    normal = (point - sphere.centre).unit()
    light = max(0.0, normal.dot(sun)) * sphere.shade
    if depth:
        mirrored = direction - normal * (2 * direction.dot(normal))
        light += 0.3 * brightness(spheres, sun, point, mirrored, depth - 1)
    return light


def main():
    spheres = [Sphere(Vec(n - 2.0, math.sin(n), 6.0 + n % 3), 0.9, 0.5 + n / 12) for n in range(5)]
    sun = Vec(-1.0, 1.0, -1.0).unit()
    eye = Vec(0.0, 0.0, 0.0)
    width, height = 480, 320
    rows = []
    for y in range(height):
        row = 0.0
        for x in range(width):
            row += brightness(spheres, sun, eye, Vec((x - 240) / 200, (160 - y) / 200, 1.0).unit())
        rows.append(row)
    print(round(sum(rows), 6), max(range(height), key=rows.__getitem__))


if __name__ == "__main__":
    main()
