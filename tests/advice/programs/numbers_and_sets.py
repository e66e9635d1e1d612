"""The collector goes through the sets; the large numbers beside them it never looks at."""

import gc


def numbers(count):
    out = []
    for number in range(count):
        out.append(number << 240)
    return out


def groups(count):
    out = []
    for number in range(count):
        out.append({number, number + 1})  # advise: gc-pressure
    return out


def main():
    gc.set_threshold(150, 8, 8)
    kept = numbers(500_000), groups(150_000)
    print(sum(map(len, kept)))


main()
