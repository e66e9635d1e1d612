"""Finds rare words of a corpus; the few that are kept are copied out after the bulk is gone."""
# forbid: arena-pinning, leak
import collections
import math
import random

CONSONANTS, VOWELS = "bdfgklmnprst", "aeiou"


def words(count, seed):
    rng = random.Random(seed)
    for _ in range(count):
        bits = rng.getrandbits(40)
        yield "".join(
            CONSONANTS[(bits >> shift) % 12] + VOWELS[(bits >> shift + 3) % 5]
            for shift in range(0, 5 * (3 + bits % 2), 5)
        )


def rare_words(count, seed, keep):
    frequency = collections.Counter(words(count, seed))
    chosen = sorted(frequency, key=lambda word: (frequency[word], word))[:keep]
    return " ".join(f"{word}={frequency[word]}" for word in chosen)


class Rarity:
    __slots__ = ("word", "weight")

    def __init__(self, item):
        self.word, _, number = item.partition("=")
        self.weight = 1 / int(number)


def affinity(one, other):
    common = len(set(one.word) & set(other.word))
    return common * math.sqrt(one.weight * other.weight)


def clusters(rarities, rounds):
    labels = list(range(len(rarities)))
    table = [[affinity(one, other) for other in rarities] for one in rarities]
    for turn in range(rounds):
        for n, row in enumerate(table):
            votes = collections.defaultdict(float)
            for label, weight in zip(labels, row):
                votes[label] += weight
            labels[n] = max(votes, key=lambda label: (votes[label], -label - turn % 2))
    return labels


def main():
    packed = rare_words(120_000, seed=6, keep=150)
    rarities = [Rarity(item) for item in packed.split()]
    labels = clusters(rarities, rounds=200)
    print(len(rarities), rarities[0].word, rarities[-1].word, collections.Counter(labels).most_common(3))


if __name__ == "__main__":
    main()
