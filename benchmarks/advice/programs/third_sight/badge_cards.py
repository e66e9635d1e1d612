"""Writes visitor badges as small SVG cards."""
import hashlib
import random
from unittest.mock import sentinel

MISSING = sentinel.missing

FIRST = ["Ada", "Bo", "Chi", "Dara", "Eli", "Fay", "Gus", "Hana"]
LAST = ["Marsh & Co", "O'Neil", "Li <guest>", "Ruiz", "Sato", "Van Dam", "Weiss"]


def visitors(count):
    rng = random.Random(5)
    for serial in range(count):
        name = f"{rng.choice(FIRST)} {rng.choice(LAST)}" if serial % 50 else MISSING
        yield serial, name, rng.choice(["press", "staff", "guest"])


def shown(name):
    if name is MISSING:
        return "walk-in"
    return name.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def barcode(serial):
    x = 10
    for bit in f"{serial:020b}":
        width = 3 if bit == "1" else 1
        yield f'<rect x="{x}" y="80" width="{width}" height="24"/>'
        x += width + 2


def card(serial, name, role):
    bars = "".join(barcode(serial))
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="220" height="120">'
        f'<text x="10" y="30">{shown(name)}</text>'
        f'<text x="10" y="55" class="{role}">{role}</text>{bars}</svg>'
    )


def main():
    roles = {}
    h = hashlib.sha1()
    longest = 0
    for serial, name, role in visitors(55000):
        svg = card(serial, name, role)
        roles[role] = roles.get(role, 0) + 1
        longest = max(longest, len(svg))
        h.update(svg.encode())
    print("cards", sum(roles.values()), sorted(roles.items()))
    print("longest", longest, h.hexdigest())


if __name__ == "__main__":
    main()
