import random
import zlib


class Node:
    def __init__(self, name, parent=None):
        self.name = name
        self.parent = parent
        self.children = []
        if parent is not None:
            parent.children.append(self)

    def path(self):
        return self.name if self.parent is None else f"{self.parent.path()}/{self.name}"


class Layer(Node):
    def __init__(self, name, parent, width, height):
        super().__init__(name, parent)
        self.stride = width
        self.pixels = bytearray(width * height)

    def fill_rect(self, x, y, w, h, value):
        row = bytes([value]) * w
        for line in range(y, y + h):
            at = line * self.stride + x
            self.pixels[at:at + w] = row

    def signature(self):
        return zlib.crc32(self.pixels)


class Scene(Node):
    def __init__(self, number):
        super().__init__(f"scene{number}")

    def layer(self, name, width=800, height=500):
        return Layer(name, self, width, height)


def compose(number, rng):
    scene = Scene(number)
    for name in ("sky", "terrain", "actors", "overlay"):
        layer = scene.layer(name)
        for _ in range(14):
            layer.fill_rect(rng.randrange(500), rng.randrange(300), rng.randrange(20, 290),
                            rng.randrange(20, 190), rng.randrange(1, 255))
    return scene


def render(scene):
    total = 0
    for layer in scene.children:
        total = zlib.crc32(layer.path().encode(), total) ^ layer.signature()
    return total


def main():
    rng = random.Random(88)
    signature = 0
    for number in range(130):
        scene = compose(number, rng)
        signature = (signature * 31 + render(scene)) & 0xFFFFFFFF
    print("scenes", number + 1, f"signature {signature:08x}")


if __name__ == "__main__":
    main()
