import math


class Vec:
    __slots__ = ("x", "y", "z")

    def __init__(self, x=0.0, y=0.0, z=0.0):
        self.x = x
        self.y = y
        self.z = z

    def dot(self, other):
        return self.x * other.x + self.y * other.y + self.z * other.z


def orbit(step, count):
    for i in range(count):
        angle = i * step
        yield math.cos(angle), math.sin(angle), math.sin(angle * 0.31)


def lit(sun, samples):
    total, bright = 0.0, 0
    for x, y, z in samples:
        normal = Vec(x, y, z)
        ray = Vec(sun[0] - x, sun[1] - y, sun[2] - z)
        amount = normal.dot(ray) / math.sqrt(ray.dot(ray))
        if amount > 0.5:
            bright += 1
        total += amount
    return total, bright


def main():
    for step in (0.017, 0.4):
        total, bright = lit((3.0, 4.0, 5.0), orbit(step, 220000))
        print(f"step {step} total {total:.6f} bright {bright}")


if __name__ == "__main__":
    main()
