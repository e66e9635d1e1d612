"""A printer with spare drums of its own: one of its methods loses a drum when the paper jams."""


class Drum:
    def __init__(self):
        self.surface = bytearray(9000)


class Printer:
    def __init__(self):
        self._drums = []
        self.printed = 0

    def _drum(self):
        drum = self._drums.pop() if self._drums else None
        return drum or Drum()

    def _rest(self, drum):
        self._drums.append(drum)

    def print(self, page):
        drum = self._drum()  # advise: pool-leak
        drum.surface[: len(page)] = page
        if page.endswith(b"7"):
            return 0
        self.printed += 1
        self._rest(drum)
        return len(page)


def office(pages):
    printer = Printer()
    return sum(printer.print(b"page %d" % page) for page in range(pages))


print(office(30_000))
