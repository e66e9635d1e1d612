"""Stages that are asked for one by one: the words are still there when the index is made."""


def stages(count):
    words = [f"{number * 7919 % count:>40}" for number in range(count)]  # advise: release-early
    yield len(words), max(words)
    lengths = {len(word) for word in words}
    yield f"{sum(map(len, words))} letters, {len(lengths)} lengths"
    index = {}
    for number in range(40_000):
        index[number * 7 % 40_000] = bytes(150) + bytes([number % 256])
    yield len(index), index[17][150]
    yield sum(index[number][150] for number in range(0, 40_000, 97))


work = stages(60_000)
print(next(work))
print(next(work))
for line in work:
    print(line)
