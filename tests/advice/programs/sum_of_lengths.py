"""Lengths are added: the texts that are measured become longer, and nothing is added to them."""


def page(row, count):
    return "".join([row for _ in range(count)])


def main():
    total = 0
    for count in range(1, 1800):
        total += len(page("<li>some text to fill the line</li>" * 20, count).upper())
    print(total)


main()
