"""Shapes whose common base has slots, to no effect: they themselves have none."""


class Shape:
    __slots__ = ("layer",)

    def __init__(self, layer):
        self.layer = layer


class Circle(Shape):
    def __init__(self, layer, radius):
        super().__init__(layer)
        self.radius = radius

    def width(self):
        return 2 * self.radius


class Box(Shape):
    def __init__(self, layer, left, right):
        super().__init__(layer)
        self.left = left
        self.right = right

    def width(self):
        return self.right - self.left


def drawing(count):
    shapes = []
    for number in range(count):
        if number % 2:
            shapes.append(Circle(number % 9, number % 80))  # advise: compact
        else:
            shapes.append(Box(number % 9, number % 50, number % 70 + 50))  # advise: compact
    return shapes


def main():
    shapes = drawing(120_000)
    widest = max(shapes, key=lambda shape: (shape.width(), shape.layer))
    print(widest.width(), sum(shape.width() for shape in shapes))


main()
