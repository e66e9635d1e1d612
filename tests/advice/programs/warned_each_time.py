"""A warning whose text has the value in it: each is another, and each is remembered."""

import io
import sys
import warnings


def convert(value):
    if value % 2:
        warnings.warn(f"odd value {value} was rounded down", stacklevel=1)  # advise: leak
    return value // 2


def main():
    warnings.simplefilter("default")
    sys.stderr = io.StringIO()
    total = 0
    for value in range(50_000):
        total += convert(value)
        if value % 100 == 0:
            sys.stderr = io.StringIO()
    print(total)


main()
