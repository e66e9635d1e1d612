import random
import zlib


class Document:
    def __init__(self, ident, text):
        self.ident = ident
        self.cells = text
        self.revision = 0

    def insert(self, offset, text):
        self.cells = self.cells[:offset] + text + self.cells[offset:]
        self.revision += 1

    def erase(self, offset, length):
        self.cells = self.cells[:offset] + self.cells[offset + length:]
        self.revision += 1

    def size(self):
        return len(self.cells)

    def text(self):
        return self.cells


class Workspace:
    def __init__(self):
        self.documents = {}

    def open(self, ident, text):
        self.documents[ident] = Document(ident, text)

    def apply(self, operation):
        kind, ident, offset, argument = operation
        document = self.documents[ident]
        offset = min(offset, document.size())
        if kind == "ins":
            document.insert(offset, argument)
        else:
            document.erase(offset, argument)

    def digest(self):
        value = 0
        for ident in sorted(self.documents):
            value = zlib.crc32(self.documents[ident].text().encode(), value)
        return value


class Typist:
    words = ("report", "margin", "quarter", "supply", "network", "update", "figure", "delay", "review", "target")

    def __init__(self, seed):
        self.rng = random.Random(seed)

    def article(self, words):
        return " ".join(self.rng.choices(self.words, k=words))

    def operation(self, documents):
        ident = self.rng.randrange(documents)
        offset = self.rng.randrange(14_000)
        if self.rng.random() < 0.7:
            return "ins", ident, offset, self.rng.choice(self.words) + " "
        return "del", ident, offset, self.rng.randint(1, 12)


def main():
    typist = Typist(88)
    workspace = Workspace()
    for ident in range(420):
        workspace.open(ident, typist.article(2_000))
    for _ in range(60_000):
        workspace.apply(typist.operation(420))
    print(len(workspace.documents), sum(d.size() for d in workspace.documents.values()))
    print(max(d.revision for d in workspace.documents.values()), workspace.digest())


if __name__ == "__main__":
    main()
