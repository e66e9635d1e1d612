"""A few records of a large load are kept, one here and one there."""


class Record:
    __slots__ = ("key", "text")

    def __init__(self, key):
        self.key = key
        self.text = "%0400d" % key  # advise: arena-pinning


INDEX = {}


def load(count):
    records = [Record(number) for number in range(count)]
    records.sort(key=lambda record: record.text[-2:])
    for record in records:
        if record.key % 1500 == 7:
            INDEX[record.key] = record.text


def main():
    load(120_000)
    total = 0
    for number in range(300_000):
        total += len(INDEX.get(number, "")) + len(str(number))
    print(total, len(INDEX))


main()
