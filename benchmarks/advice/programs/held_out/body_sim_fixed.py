"""A small gravity simulation."""


class Vector:
    __slots__ = ("x", "y")

    def __init__(self, x=0.0, y=0.0):
        self.x = x
        self.y = y


class Body:
    def __init__(self, x, y, mass):
        self.place = Vector(x, y)
        self.speed = Vector()
        self.mass = mass

    def pull_of(self, other):
        dx = other.place.x - self.place.x
        dy = other.place.y - self.place.y
        square = dx * dx + dy * dy + 0.5
        scale = other.mass / (square * square**0.5)
        return Vector(dx * scale, dy * scale)

    def accelerate(self, others):
        total = Vector(0.0, 0.0)
        for other in others:
            if other is not self:
                pull = self.pull_of(other)
                total.x += pull.x
                total.y += pull.y
        self.speed.x += total.x * 0.01
        self.speed.y += total.y * 0.01

    def drift(self):
        self.place.x += self.speed.x * 0.01
        self.place.y += self.speed.y * 0.01


def main():
    bodies = [Body(n * 7 % 23, n * 11 % 19, 1 + n % 5) for n in range(30)]
    for _ in range(800):
        for body in bodies:
            body.accelerate(bodies)
        for body in bodies:
            body.drift()
    print(f"{sum(b.place.x for b in bodies):.6f} {sum(b.place.y for b in bodies):.6f}")


if __name__ == "__main__":
    main()
