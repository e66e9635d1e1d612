"""Areas that are made at the beginning, and filled at the end."""

# forbid: over-allocated

import time


class Screen:
    __slots__ = ("area", "drawn")

    def __init__(self):
        self.area = bytearray(9_000)
        self.drawn = 0

    def draw(self, pixels):
        self.area[: len(pixels)] = pixels
        self.drawn += 1


def main():
    screens = [Screen() for _ in range(2_000)]
    for turn in range(100):  # for two seconds, so that memscope comes to ask
        time.sleep(0.02)
        for screen in screens[turn::100] if turn > 94 else ():
            screen.draw(bytes([turn + 1]) * 9_000)
        print(sum(screen.drawn for screen in screens), [turn] * 40)


main()
