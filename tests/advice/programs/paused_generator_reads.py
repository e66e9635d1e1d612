"""Generators that read again what they hold, or gave it to whom they work for."""


def stages(count):
    words = [f"{number * 7919 % count:>40}" for number in range(count)]
    yield len(words)
    index = {number: bytes(150) + bytes([number % 256]) for number in range(30_000)}
    yield index[300][150]
    yield words[17]


def tables(count):
    table = {f"{number:>40}": number for number in range(count)}
    yield table.keys()
    yield sum(row * column for row in range(300, 500) for column in range(300, 500))


def lists(count):
    names = [f"{number:>44}" for number in range(count)]
    yield (name.strip() for name in names)
    yield [bytes(60) + bytes([number % 200]) for number in range(count)][3]


print(*stages(40_000))
kept = [*tables(40_000)]
print(len(kept[0]), kept[1])
kept = [*lists(40_000)]
print(sum(map(len, kept[0])), kept[1])
