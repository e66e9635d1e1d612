"""What a function remembers, it remembers by another name of its module's list."""

SEEN = []
note = SEEN.append


def handle(number):
    row = bytearray(600)  # advise: leak
    note(row)
    return number % 5


def main():
    total = 0
    for number in range(200_000):
        total = total + handle(number)
    print(total)


main()
