"""Break paragraphs into justified lines with per-glyph metrics of two invented fonts."""
# forbid: leak grow-copy
import random
import zlib

LETTERS = "abcdefghijklmnopqrstuvwxyzäöüABCDEFGHIJKLMNOPQRSTUVWXYZ.,;!?-0123456789"


class Font:
    def __init__(self, name, base, slant):
        self.name, self.base, self.slant = name, base, slant

    def outline(self, ch):
        points = []
        seed = ord(ch) * self.base
        for i in range(40):
            seed = (seed * 1103515245 + 12345) & 0x7FFFFFFF
            points.append((seed % 97 + self.slant * i, seed // 97 % 89))
        return points


class Metrics:
    _known = {}

    def __init__(self, font):
        self.font = font
        self.misses = 0

    def width(self, ch):
        key = (self.font.name, ch)
        hit = self._known.get(key)
        if hit is None:
            self.misses += 1
            xs = [x for x, _ in self.font.outline(ch)]
            hit = self._known[key] = (max(xs) - min(xs)) // 9 + 3
        return hit


class Paragraph:
    def __init__(self, words, metrics, measure):
        self.words = words
        self.metrics = metrics
        self.measure = measure

    def word_width(self, word):
        return sum(map(self.metrics.width, word))

    def lines(self):
        line, used = [], 0
        for word in self.words:
            w = self.word_width(word)
            if line and used + w + 4 * len(line) > self.measure:
                yield line, used
                line, used = [], 0
            line.append(word)
            used += w
        if line:
            yield line, used

    def justified(self):
        for line, used in self.lines():
            gaps = max(1, len(line) - 1)
            space = max(1, (self.measure - used) // gaps // 4)
            yield (" " * space).join(line)


def words(rng, n):
    return ["".join(rng.choices(LETTERS, k=rng.randrange(1, 11))) for _ in range(n)]


def main():
    rng = random.Random(50)
    fonts = [Metrics(Font("Serif", 17, 0)), Metrics(Font("Slanted", 31, 1))]
    check = lines = 0
    for i in range(1800):
        para = Paragraph(words(rng, 120), fonts[i % 2], 900)
        for text in para.justified():
            check = zlib.crc32(text.encode(), check)
            lines += 1
    print("lines", lines, "check", check)
    print("glyphs", len(Metrics._known), [m.misses for m in fonts])


if __name__ == "__main__":
    main()
