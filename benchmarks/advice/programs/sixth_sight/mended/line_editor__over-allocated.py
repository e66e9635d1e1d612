"""A tiny editor engine: applies edit scripts to many documents."""
import random
import zlib


class Document:
    def __init__(self, name, text):
        self.name = name
        self.glyphs = text
        self.edits = 0

    def splice(self, at, count, text):
        self.glyphs = self.glyphs[:at] + text + self.glyphs[at + count:]
        self.edits += 1

    def upper(self, at, count):
        part = self.glyphs[at:at + count]
        self.splice(at, count, part.upper())

    @property
    def size(self):
        return len(self.glyphs)

    def text(self):
        return self.glyphs


class Workspace:
    def __init__(self):
        self.documents = {}

    def open(self, name, text):
        self.documents[name] = Document(name, text)

    def apply(self, script):
        for name, at, count, text in script:
            doc = self.documents[name]
            at = at % doc.size
            if text is None:
                doc.upper(at, count)
            else:
                doc.splice(at, count, text)

    def checksum(self):
        crc = 0
        for name in sorted(self.documents):
            crc = zlib.crc32(self.documents[name].text().encode(), crc)
        return crc


def prose(rng, words):
    pool = ["loom", "weave", "thread", "spindle", "cloth", "wool", "dye", "shuttle"]
    return " ".join(rng.choices(pool, k=words))


def script(rng, names, count):
    for _ in range(count):
        yield (rng.choice(names), rng.randrange(1 << 20), rng.randrange(0, 9),
               rng.choice([None, "", "silk", "linen "]))


def main():
    rng = random.Random(77)
    space = Workspace()
    names = [f"doc{n:03d}" for n in range(450)]
    for name in names:
        space.open(name, prose(rng, 4_500))
    space.apply(script(rng, names, 25_000))
    print(len(names), sum(d.size for d in space.documents.values()), f"{space.checksum():08x}")


main()
