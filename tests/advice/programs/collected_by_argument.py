"""A herbarium that functions enter sheets in, and that is surveyed now and then: it is the work."""

import random


def enter(herbarium, place, height):
    herbarium["sheets"].append((f"{place} {height:>60}", height))
    herbarium["latest"] = place


def tallest(herbarium, place):
    return max(
        (height for label, height in herbarium["sheets"] if label.startswith(place)), default=0
    )


class Desk:
    def __init__(self):
        self.herbarium = {"sheets": [], "latest": None}

    def receive(self, place, height):
        enter(self.herbarium, place, height)


def main():
    chance = random.Random(8)
    desk, heights = Desk(), []
    for number in range(30_000):
        desk.receive(chance.choice(("fen", "moor", "dune")), chance.randrange(300))
        if number % 3000 == 0:
            heights.append(tallest(desk.herbarium, "fen"))
    print(desk.herbarium["latest"], heights)
    return desk


KEPT = main()
