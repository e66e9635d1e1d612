"""Completes words from a large word list."""
import random

SYLLABLES = ["ka", "lo", "mi", "ren", "tu", "sha", "vo", "bel", "dri", "an", "or", "eth", "qu", "is"]


def vocabulary(count):
    rng = random.Random(14)
    for _ in range(count):
        yield "".join(rng.choices(SYLLABLES, k=5))


def plant(words):
    root = {}
    for weight, word in enumerate(words):
        node = root
        for letter in word:
            node = node.setdefault(letter, {})
        node["$"] = weight
    return root


def descend(root, prefix):
    node = root
    for letter in prefix:
        node = node.get(letter)
        if node is None:
            return None
    return node


def leaves(node, path=""):
    stack = [(path, node)]
    while stack:
        text, here = stack.pop()
        for letter, below in here.items():
            if letter == "$":
                yield below, text
            else:
                stack.append((text + letter, below))


def complete(root, prefix, limit):
    node = descend(root, prefix)
    if node is None:
        return []
    return sorted(leaves(node, prefix), reverse=True)[:limit]


def main():
    root = plant(vocabulary(150000))
    rng = random.Random(15)
    asked = ["".join(rng.choices(SYLLABLES, k=3)) for _ in range(60)]
    answers = [complete(root, prefix, 3) for prefix in asked]
    hits = [a for a in answers if a]
    print("asked", len(asked), "with answers", len(hits))
    for a in hits[:4]:
        print(a)
    print(sum(w for a in hits for w, _ in a))


if __name__ == "__main__":
    main()
