import random

WORDS = "carry the lantern across every narrow bridge until morning finds another quiet harbour".split()


class Pad:
    def __init__(self, text):
        self.lines = [list(line) for line in text.split("\n")]
        self.undo = []

    def insert(self, row, column, text):
        line = self.lines[row]
        line[column:column] = text
        self.undo.append(("delete", row, column, len(text)))

    def delete(self, row, column, count):
        line = self.lines[row]
        removed = "".join(line[column:column + count])
        del line[column:column + count]
        self.undo.append(("insert", row, column, removed))

    def revert(self, steps):
        for _ in range(min(steps, len(self.undo))):
            action, row, column, what = self.undo.pop()
            getattr(self, action)(row, column, what)
            self.undo.pop()

    def width(self):
        return max(map(len, self.lines))

    def matches(self, needle):
        return sum("".join(line).count(needle) for line in self.lines)

    def checksum(self):
        value = 0
        for line in self.lines:
            value = (value * 31 + len(line) * 7 + sum(map(ord, line[::16]))) % 1_000_003
        return value


def manuscript(lines, seed):
    rng = random.Random(seed)
    return "\n".join(" ".join(rng.choices(WORDS, k=rng.randrange(8, 22))) for _ in range(lines))


def edit_session(pad, edits, seed):
    rng = random.Random(seed)
    for step in range(edits):
        row = rng.randrange(len(pad.lines))
        column = rng.randrange(len(pad.lines[row]) + 1)
        if rng.random() < 0.6:
            pad.insert(row, column, rng.choice(WORDS))
        else:
            pad.delete(row, column, rng.randrange(1, 9))
        if step % 500 == 499:
            pad.revert(40)


def main():
    pad = Pad(manuscript(37_000, 44))
    print(len(pad.lines), pad.width(), pad.matches("harbour"), pad.checksum())
    edit_session(pad, 12_000, 45)
    print(pad.width(), pad.matches("bridge"), pad.matches("an"), pad.checksum())
    print(len(pad.undo), pad.undo[-1][0])


if __name__ == "__main__":
    main()
