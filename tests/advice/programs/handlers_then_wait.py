"""Handlers that are registered at the start, by a name that says they come and go."""

import time


class Bus:
    def __init__(self):
        self.handlers = []

    def on(self, name):
        self.handlers.append(f"handler of {name} with a name that is long" * 2)


def main(bus):
    for number in range(20_000):
        bus.on(number)
    for _ in range(10):
        time.sleep(0.1)
    print(len(bus.handlers))


BUS = Bus()
main(BUS)
