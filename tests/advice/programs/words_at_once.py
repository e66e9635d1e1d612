"""Words, most of them equal, but made by one call: all are there before one could share them."""

# forbid: duplicates

STEMS = ["wander", "lumen", "crisp", "velvet", "orchard", "sable", "thistle", "marrow"]


def main():
    words = " ".join(STEMS[number * 7919 % 8] for number in range(300_000)).split()
    for _ in range(3):
        print(sum(len(f"{word}s") for word in reversed(words)), words[5], len(words))


main()
