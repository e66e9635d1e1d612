"""Large pictures, each of an object that its scene has, and which has the scene."""

import zlib


class Scene:
    def __init__(self, number):
        self.number = number
        self.layers = []

    def add(self, name):
        self.layers.append(Layer(name, self))


class Layer:
    def __init__(self, name, scene):
        self.name, self.scene = name, scene
        self.pixels = bytearray(200_000)  # advise: cycles

    def draw(self, at):
        self.pixels[at : at + 4000] = b"*" * 4000


def main():
    checked = 0
    for number in range(400):
        scene = Scene(number)
        for name in ("sky", "ground", "people", "text"):
            scene.add(name)
        for layer in scene.layers:
            layer.draw(number * 400)
            checked = zlib.crc32(layer.pixels, checked)
    print(checked)


main()
