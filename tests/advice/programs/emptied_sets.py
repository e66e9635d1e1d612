"""Sets that lose most of their members, and keep the tables that these took."""

import time


class Zone:
    def __init__(self, base, width):
        self.base = base
        self.members = set(range(base, base + width))  # advise: over-allocated

    def narrow(self):
        for number in range(self.base, self.base + 700):
            if number % 30:
                self.members.discard(number)


def main():
    zones = []
    for number in range(400):
        zones.append(Zone(number * 700, 700))
        zones[-1].narrow()
    for turn in range(100):  # for two seconds, so that memscope comes to ask
        time.sleep(0.02)
        print(sum(turn * 7 in zone.members for zone in zones), [turn] * 40)


main()
