"""A part of a picture is drawn while the whole is: each level of calls has an area of its own."""

SIZE = 2 << 20


def drawn(number, level):
    area = bytearray(SIZE)  # advise: pool
    area[number] = level
    below = drawn(number, level - 1) if level else 0
    return below + area[number]


print(sum(drawn(number, 5) for number in range(40)))
