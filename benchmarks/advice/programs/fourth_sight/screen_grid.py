"""A terminal emulator's text model: screen, cursor, scroll-back, search."""
import random


class Terminal:
    def __init__(self, cols, rows):
        self.cols = cols
        self.rows = rows
        self.screen = [self._blank() for _ in range(rows)]
        self.scrollback = []
        self.x = self.y = 0

    def _blank(self):
        return [" "] * self.cols

    def _newline(self):
        self.x = 0
        if self.y + 1 < self.rows:
            self.y += 1
            return
        gone = self.screen.pop(0)
        self.scrollback.append(gone)
        self.screen.append(self._blank())

    def write(self, text):
        for piece in text.split("\n"):
            row = self.screen[self.y]
            for ch in piece[:self.cols - self.x]:
                row[self.x] = ch
                self.x += 1
            self._newline()

    def overstrike(self, y, x, text):
        self.screen[y][x:x + len(text)] = text

    def search(self, needle):
        return sum(needle in "".join(row) for row in self.scrollback)

    def line(self, back):
        return "".join(self.scrollback[-back]).rstrip()


WORDS = "compile link warn note done skip fetch unpack verify install clean".split()


def session(rng, lines):
    for number in range(lines):
        yield f"[{number:06d}] " + " ".join(rng.choices(WORDS, k=7))


def main():
    rng = random.Random(6)
    term = Terminal(132, 40)
    for number, text in enumerate(session(rng, 62_000)):
        term.write(text)
        if number % 50 == 0:
            term.overstrike(3, 0, "*" * 4)
    print("lines kept", len(term.scrollback), *(f"{w}:{term.search(w)}" for w in WORDS[:4]))
    print(term.line(100))


if __name__ == "__main__":
    main()
