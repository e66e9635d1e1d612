"""Small objects by the hundred thousand: pooling them would lose."""


class Point:
    def __init__(self, x, y):
        self.x = x
        self.y = y


def walk(steps):
    total = 0
    for step in range(steps):
        point = Point(step, step + 1)
        pair = [point.x, point.y, {"sum": point.x + point.y}]
        total += pair[2]["sum"]
    return total


print(walk(150_000))
