"""A small ray tracer: spheres over a chequered floor, rendered row by row to a PPM file."""
# forbid: pool reuse-buffer over-pooled gc-pressure compact
import math
import os
import tempfile
import zlib
from dataclasses import dataclass

WIDTH, HEIGHT = 300, 220


class Vec:
    __slots__ = ("x", "y", "z")

    def __init__(self, x, y, z):
        self.x, self.y, self.z = x, y, z

    def __add__(self, o):
        return Vec(self.x + o.x, self.y + o.y, self.z + o.z)

    def __sub__(self, o):
        return Vec(self.x - o.x, self.y - o.y, self.z - o.z)

    def __mul__(self, k):
        return Vec(self.x * k, self.y * k, self.z * k)

    def dot(self, o):
        return self.x * o.x + self.y * o.y + self.z * o.z

    def unit(self):
        return self * (1 / math.sqrt(self.dot(self)))


@dataclass(frozen=True)
class Sphere:
    centre: Vec
    radius: float
    colour: tuple
    mirror: float = 0.2

    def hit(self, origin, ray):
        to = self.centre - origin
        along = to.dot(ray)
        rest = self.radius ** 2 - to.dot(to) + along * along
        if rest < 0:
            return None
        near = along - math.sqrt(rest)
        return near if near > 1e-4 else None


class Scene:
    def __init__(self, spheres, light):
        self.spheres = spheres
        self.light = light

    def nearest(self, origin, ray):
        best, what = math.inf, None
        for s in self.spheres:
            d = s.hit(origin, ray)
            if d is not None and d < best:
                best, what = d, s
        return best, what

    def shade(self, point, normal, colour):
        towards = self.light - point
        distance = math.sqrt(towards.dot(towards))
        towards = towards.unit()
        blocked, _ = self.nearest(point, towards)
        bright = 0.15 if blocked < distance else 0.15 + 0.85 * max(0.0, normal.dot(towards))
        return tuple(c * bright for c in colour)

    def trace(self, origin, ray, depth=0):
        d, s = self.nearest(origin, ray)
        if s is None:
            if ray.y >= -1e-6:
                return (0.4 + ray.y * 0.2, 0.55 + ray.y * 0.2, 0.9)
            point = origin + ray * (-origin.y / ray.y)
            tone = 0.9 if (math.floor(point.x) + math.floor(point.z)) % 2 else 0.3
            return self.shade(point, Vec(0, 1, 0), (tone, tone, tone))
        point = origin + ray * d
        normal = (point - s.centre).unit()
        base = self.shade(point, normal, s.colour)
        if depth >= 2:
            return base
        bounced = ray - normal * (2 * normal.dot(ray))
        mirrored = self.trace(point, bounced.unit(), depth + 1)
        return tuple(b * (1 - s.mirror) + m * s.mirror for b, m in zip(base, mirrored))

    def rows(self, width, height):
        eye = Vec(0, 1.6, -5)
        for y in range(height):
            row = bytearray()
            for x in range(width):
                ray = Vec((x - width / 2) / width * 1.6, (height / 2 - y) / width * 1.6, 1.3).unit()
                row.extend(min(255, int(c * 255)) for c in self.trace(eye, ray))
            yield row


def main():
    spheres = [Sphere(Vec(i * 1.3 - 2.6, 0.6 + 0.2 * (i % 2), i % 3), 0.7, (0.9 - i * 0.15, 0.3, 0.2 + i * 0.15), 0.1 * i)
               for i in range(5)]
    scene = Scene(spheres, Vec(4, 7, -4))
    crc = 0
    with tempfile.TemporaryDirectory() as tmp:
        path = os.path.join(tmp, "out.ppm")
        with open(path, "wb") as out:
            out.write(b"P6 %d %d 255\n" % (WIDTH, HEIGHT))
            for row in scene.rows(WIDTH, HEIGHT):
                crc = zlib.crc32(row, crc)
                out.write(row)
        print(f"{WIDTH}x{HEIGHT} {os.path.getsize(path)} bytes crc {crc:08x}")


if __name__ == "__main__":
    main()
