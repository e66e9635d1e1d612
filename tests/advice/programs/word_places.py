"""How often each word stands at each place of a line: the keys are no places of a grid."""


def counted(lines):
    found = {}
    for number, line in enumerate(lines):
        for place, word in enumerate(line.split()):
            key = (word, number // 3 + place)
            found[key] = found.get(key, 0) + 1
    return found


def lines(count):
    for number in range(count):
        yield f"ship{number % 40} from port{number % 31} to port{number % 29} late{number % 3}"


counts = counted(lines(16_000))
print(len(counts), max(counts.values()))
