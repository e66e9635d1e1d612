"""A watchman's rounds shown with rich on a string sink."""
import io
import random

from rich.console import Console
from rich.text import Text


class Sink(io.TextIOBase):
    def __init__(self):
        self.letters = 0

    def write(self, text):
        self.letters += len(text)
        return len(text)

    def writable(self):
        return True


DOORS = ["gate", "cellar", "attic", "office", "yard"]


def rounds(count, seed):
    rng = random.Random(seed)
    for number in range(count):
        yield number, rng.choice(DOORS), rng.random() < 0.05


def show(console, number, door, open_):
    line = Text(f"{number:06d} " + f"{number:04x}." * 120)
    line.append(door, style="bold red" if open_ else "green")
    line.append(" open!" if open_ else " shut")
    console.print(line)


def main():
    sink = Sink()
    console = Console(file=sink, width=700, force_terminal=False)
    alarms = 0
    for number, door, open_ in rounds(5000, 8):
        show(console, number, door, open_)
        alarms += open_
    print(sink.letters, alarms)


if __name__ == "__main__":
    main()
