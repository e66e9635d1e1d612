"""Digest a batch of documents: parse each into a token graph, keep one headline per group, then
render the archive into one big image."""
import gc
import random
import zlib

WORDS = ("alpha", "bravo", "charlie", "delta", "echo", "foxtrot", "golf", "hotel", "india", "juliet")


# may: compact
class Token:
    __slots__ = ("text", "nxt", "weight")

    def __init__(self, text, nxt, weight):
        self.text = text
        self.nxt = nxt
        self.weight = weight


class Document:
    def __init__(self, serial, rng):
        self.serial = serial
        head = None
        for i in range(60):
            head = Token(rng.choice(WORDS) + str(rng.randrange(1000)), head, rng.random())
        self.head = head

    def tokens(self):
        t = self.head
        while t is not None:
            yield t
            t = t.nxt

    def best(self):
        return max(self.tokens(), key=lambda t: t.weight)

    def drop(self):
        t = self.head
        self.head = None
        while t is not None:
            t.nxt, t = None, t.nxt


class Headline:
    def __init__(self, serial, text, weight):
        self.serial = serial
        self.text = text
        self.weight = weight


class Digest:
    def __init__(self, group):
        self.group = group
        self.headlines = []
        self.batch = []
        self.spool = bytearray()

    def parse(self, n, rng):
        for serial in range(n):
            doc = Document(serial, rng)
            self.batch.append(doc)
            if serial % self.group == 0:
                best = doc.best()
                self.spool += f"{serial}\t{best.text}!\t{best.weight!r}\n".encode()

    def weigh(self):
        total = 0.0
        for doc in self.batch:
            total += doc.best().weight
        return total

    def finish(self):
        for doc in self.batch:
            doc.drop()
        self.batch.clear()
        for line in self.spool.decode().splitlines():
            serial, text, weight = line.split("\t")
            self.headlines.append(Headline(int(serial), text, float(weight)))


class Archive:
    def __init__(self, headlines):
        self.headlines = headlines

    def render(self, size):
        """Lines are put at places that depend on their hash, as in an on-disk hash table."""
        page = bytearray(size)
        slots = size // 64
        for h in self.headlines:
            line = f"{h.serial:06d} {h.text:<16s} {h.weight:.6f}\n".encode()
            for k in range(40):
                at = (h.serial * 7919 + k * 104729) % slots * 64
                while page[at]:
                    at = (at + 64) % (slots * 64)
                page[at:at + len(line)] = line
        return page


def main():
    rng = random.Random(71)
    digest = Digest(20)
    gc.disable()
    digest.parse(11_000, rng)
    gc.freeze()
    gc.enable()
    print(f"weight {digest.weigh():.4f}")
    digest.finish()
    page = Archive(digest.headlines).render(90 << 20)
    print("headlines", len(digest.headlines), "page", len(page), zlib.crc32(page))


if __name__ == "__main__":
    main()
