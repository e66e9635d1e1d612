"""A few names of hosts, kept once for each record."""

import time

HOSTS = [f"host-{number:03d}.rack-{number % 7}.example" for number in range(60)]


def lines(count):
    for number in range(count):
        yield f"{HOSTS[number * 7919 % 60]};{HOSTS[number * 104729 % 60]};{number}"


class Record:
    __slots__ = ("number", "source", "target")

    def __init__(self, source, target, number):
        self.source = source
        self.target = target
        self.number = number


def read(count):
    records = []
    for line in lines(count):
        source, target, number = line.split(";")  # advise: duplicates
        records.append(Record(source, target, len(number)))
    return records


def busiest(records):
    sums = {}
    for record in records:
        pair = f"{record.source} {record.target}"
        sums[pair] = sums.get(pair, 0) + record.number
    return max(sums.items(), key=lambda item: (item[1], item[0]))


def main():
    records = read(150_000)
    for _ in range(4):
        print(*busiest(records))
    for turn in range(100):  # for two seconds, so that memscope comes to ask
        time.sleep(0.02)
        print(turn, [turn] * 40)


main()
