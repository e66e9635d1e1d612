"""The raw text is held while the table is built, though nobody reads it any more."""

import array


def read():
    return "".join(f"{number:>60}\n" for number in range(300_000))


def main():
    text = read()  # advise: release-early
    numbers = array.array("q")
    numbers.extend(int(text[at : at + 60]) for at in range(0, len(text), 61))
    table = {}
    for number in numbers:
        table[number] = bytes(40)
    print(len(numbers), len(table), table[5])


main()
