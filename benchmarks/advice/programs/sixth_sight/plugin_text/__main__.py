import filters
from registry import REGISTRY, chain


def lines(count):
    words = "The quick brown fox -- jumps over  the lazy dog ; again, and again.".split(" ")
    for n in range(count):
        shift = n % len(words)
        yield " ".join(words[shift:] + words[:shift]) + f" #{n}"


def main():
    pipeline = chain("dashes", "blanks", "stops", "numbers")
    letters = 0
    for line in lines(70_000):
        letters += len(pipeline(line))
    print(sorted(REGISTRY), letters, filters.counts())


if __name__ == "__main__":
    main()
