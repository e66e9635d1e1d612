"""Names of hosts that are kept once, though each line has them anew; and texts that all differ."""

# forbid: duplicates

HOSTS = [f"host-{number:03d}.rack-{number % 7}.example" for number in range(60)]


class Record:
    __slots__ = ("source", "title")

    def __init__(self, source, title):
        self.source = source
        self.title = title


def read(count):
    known, records = {}, []
    for number in range(count):
        source, title = f"{HOSTS[number * 7919 % 60]};title of the {number}".split(";")
        records.append(Record(known.setdefault(source, source), title))
    return records


def main():
    records = read(150_000)
    for _ in range(4):
        print(sum(len(f"{record.source} {record.title}") for record in records))


main()
