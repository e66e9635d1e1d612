import random


class Entry:
    __slots__ = ("day", "author", "mood", "length")

    def __init__(self, day, author, mood, length):
        self.day = day
        self.author = author
        self.mood = mood
        self.length = length


def raw_entries(count):
    rng = random.Random(33)
    authors = ["Theodora Blackwood-Sinclair", "Maximilian Rothenberg", "Guinevere St. Clair-Beaumont"]
    moods = ["quietly optimistic", "rather despondent", "thoroughly exhausted", "unexpectedly cheerful"]
    for i in range(count):
        yield "|".join((str(i % 365), rng.choice(authors), rng.choice(moods), str(rng.randint(10, 250))))


class Book:
    def __init__(self):
        self.entries = []
        self.text = ""

    def read(self, source):
        for raw in source:
            day, author, mood, length = raw.split("|")
            self.entries.append(Entry(int(day), author, mood, int(length)))

    def moods_of(self, author):
        table = {}
        for e in self.entries:
            if e.author == author:
                table[e.mood] = table.get(e.mood, 0) + 1
        return sorted(table.items())

    def typeset(self, first, last):
        for e in self.entries[first:last]:
            self.text = self.text + f"Day {e.day:3d}: {e.author} was {e.mood} ({e.length} words).\n"
        return len(self.text)

    def authors(self):
        return sorted({e.author for e in self.entries})


def main():
    book = Book()
    book.read(raw_entries(180000))
    for author in book.authors():
        print(author, book.moods_of(author))
    for first in (0, 60000, 120000):
        print(first, book.typeset(first, first + 2300))
    print(book.text.count("cheerful"), len(book.text), book.text[-40:].strip())


if __name__ == "__main__":
    main()
