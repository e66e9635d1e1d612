"""Frames of a film, of which a generator makes a picture each; two parts of the program watch."""

SIZE = 3 << 20


def pictures(seed, count):
    for number in range(count):
        picture = bytearray(SIZE)  # advise: reuse-buffer
        picture[(seed * 31 + number) % SIZE] = 1 + number % 200
        yield number, picture


def brightness(seed):
    total = 0
    for number, picture in pictures(seed, 40):
        total += max(picture[number * 31 : number * 31 + 4096])
    return total


def cuts(seed):
    found = 0
    for number, picture in pictures(seed, 60):
        if picture.find(1 + number % 200) % 2:
            found += 1
    return found


print(sum(brightness(seed) for seed in range(3)), sum(cuts(seed) for seed in range(2)))
