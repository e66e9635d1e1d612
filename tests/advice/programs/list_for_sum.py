"""A list that is summed once."""


def total(count):
    squares = [number * number for number in range(count)]  # advise: chunk
    return sum(squares)


print(total(400_000))
