"""Bodies of two classes, chosen for each: by their types they are many, and have no slots."""


class Body:
    def __init__(self, x, mass):
        self.x = x
        self.speed = 0.0
        self.mass = mass
        self.born = 0

    def drift(self):
        self.x += self.speed * 0.1


class Star(Body):
    kind = "star"


class Dwarf(Body):
    kind = "dwarf"


def main():
    bodies = [
        (Dwarf if number % 3 else Star)(number * 0.5, 1.0)  # advise: compact
        for number in range(60_000)
    ]
    for body in bodies:
        body.drift()
    print(sum(body.kind == "star" for body in bodies))


main()
