"""Documents with spare pages of their own: what one method takes another gives back."""


class Page:
    def __init__(self):
        self.text = bytearray(6000)
        self.used = 0


class Document:
    def __init__(self):
        self.pages = []
        self._spare = []

    def _blank(self):
        return self._spare.pop() if self._spare else Page()

    def _keep(self, page):
        page.used = 0
        if len(self._spare) < 400:
            self._spare.append(page)

    def write(self, text):
        page = self._blank()
        page.text[: len(text)] = text
        page.used = len(text)
        self.pages.append(page)

    def flush(self):
        written = 0
        while self.pages:
            page = self.pages.pop()
            written += page.used
            self._keep(page)
        return written


def fill(document, rounds):
    written = 0
    for number in range(rounds):
        for line in range(60):
            document.write(b"line %d" % (number * line))
        document.write(b"the end")
        written += document.flush()
    return written


print(sum(fill(Document(), 120) for _ in range(6)))
