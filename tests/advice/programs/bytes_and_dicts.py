"""The collector goes through the dictionaries; keys of bytes it never looks at, even of 64 each."""

import gc


def keys(count):
    out = []
    for number in range(count):
        out.append(b"%031d" % number)
    return out


def links(count):
    out = []
    for number in range(count):
        out.append({"to": [number]})  # advise: gc-pressure # advise: compact
    return out


def main():
    gc.set_threshold(150, 8, 8)
    kept = keys(500_000), links(300_000)
    print(sum(map(len, kept)))


main()
