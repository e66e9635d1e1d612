import random

VOWELS = set("aeiou")


def drafts(count):
    rng = random.Random(12)
    stems = ["wander", "lumen", "crisp", "velvet", "orchard", "sable", "thistle", "marrow", "glint", "ochre"]
    for _ in range(count):
        yield " ".join(rng.choice(stems) + rng.choice(["", "s", "ing", "ed"]) for _ in range(110))


class Sheet:
    __slots__ = ("number", "body", "caps")

    def __init__(self, number, text):
        self.number = number
        self.body = list(text)
        self.caps = text.count("w")

    def first(self, letter):
        try:
            return self.body.index(letter)
        except ValueError:
            return -1

    def __len__(self):
        return len(self.body)


class Folio:
    def __init__(self):
        self.sheets = []

    def bind(self, texts):
        for number, text in enumerate(texts):
            self.sheets.append(Sheet(number, text))

    def quote(self, number, start, stop):
        return "".join(self.sheets[number].body[start:stop])

    def average(self):
        return sum(len(s) for s in self.sheets) / len(self.sheets)

    def rhythm(self, every):
        return sum(c in VOWELS for s in self.sheets[::every] for c in s.body)


def main():
    folio = Folio()
    folio.bind(drafts(9000))
    print("sheets", len(folio.sheets), f"average {folio.average():.2f}")
    print("rhythm", folio.rhythm(7))
    latest = max(folio.sheets, key=lambda s: (s.first("z"), s.caps, s.number))
    print(latest.number, latest.caps)
    for number in (0, 4500, 8999):
        print(folio.quote(number, 20, 60))


if __name__ == "__main__":
    main()
