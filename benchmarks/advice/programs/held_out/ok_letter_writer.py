"""Writes reminder letters; the text grows in a local variable, which CPython extends where it lies."""

# forbid: grow-copy chunk leak

import random
import textwrap
import zlib

GREETING = "Dear {name},"
CLOSING = "Yours faithfully,\n    the lending desk"


def letter(name, loans):
    text = GREETING.format(name=name)
    text += "\n\n"
    due = 0
    for title, days in loans:
        fee = days * 15
        due += fee
        text += f"* {textwrap.shorten(title, 28)}: {days} days late, {fee // 100}.{fee % 100:02}\n"
    text += "\n"
    text += textwrap.fill(
        f"Please bring the {len(loans)} books back soon; until today the fees come to "
        f"{due // 100}.{due % 100:02}, and they grow with every day that passes.",
        width=48,
    )
    text += "\n\n"
    text += CLOSING
    return text


def catalogue(rng, count):
    words = ["river", "stone", "lamp", "winter", "garden", "letter", "silent", "north", "clock", "paper"]
    return [f"The {rng.choice(words).title()} and the {rng.choice(words).title()}" for _ in range(count)]


def main():
    rng = random.Random(31)
    titles = catalogue(rng, 500)
    longest = 0
    checksum = 0
    for number in range(3000):
        loans = [(rng.choice(titles), rng.randint(1, 90)) for _ in range(rng.randint(1, 60))]
        text = letter(f"reader {number}", loans)
        longest = max(longest, len(text))
        checksum = zlib.crc32(text.encode(), checksum)
    print(longest, checksum)


if __name__ == "__main__":
    main()
