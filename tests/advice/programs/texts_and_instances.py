"""The collector goes through the instances; the texts are of the same 56 bytes, and of none."""

import gc


class Edge:
    def __init__(self, number):
        self.number = number
        self.ends = None


def texts(count):
    out = []
    for number in range(count):
        out.append(str(number).zfill(15))
    return out


def edges(count):
    out = []
    for number in range(count):
        out.append(Edge(number))  # advise: gc-pressure # advise: compact
    return out


def main():
    gc.set_threshold(150, 8, 8)
    kept = texts(700_000), edges(600_000)
    print(sum(map(len, kept)))


main()
