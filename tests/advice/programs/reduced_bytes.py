"""A message whose fragments are folded together one by one."""

import operator
from functools import reduce


def fragments(count):
    for number in range(count):
        yield number.to_bytes(4, "big") * 6


def whole(count):
    return reduce(operator.add, fragments(count))  # advise: grow-copy


print(len(whole(12_000)))
