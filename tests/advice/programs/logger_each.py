"""A logger for each visitor: logging keeps them all. Of what they say the desk keeps little."""

import logging
from collections import deque


class Desk(logging.Handler):
    def __init__(self):
        super().__init__()
        self.latest = deque(maxlen=8)

    def emit(self, record):
        self.latest.append(self.format(record))


class Visit:
    def __init__(self, number):
        self.number = number
        self.log = logging.getLogger(f"desk.visit{number}")  # advise: leak

    def stay(self):
        found = sum(len(str(self.number + turn)) for turn in range(60))
        self.log.info("found %d", found)
        return found


def main():
    desk = Desk()
    root = logging.getLogger("desk")
    root.setLevel(logging.INFO)
    root.propagate = False
    root.addHandler(desk)
    print(sum(Visit(number).stay() for number in range(16_000)), len(desk.latest))


main()
