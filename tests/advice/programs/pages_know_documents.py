"""Documents have lists of pages that know their document, with the collector off."""

import gc


class Document:
    def __init__(self):
        self.pages = []

    def add(self, text):
        self.pages.append(Page(self, text))


class Page:
    def __init__(self, document, text):
        self.document = document
        self.text = text


def build(number):
    document = Document()
    for page in range(6):
        document.add(f"page {page} of {number} " * 12)  # advise: leak
    return len(document.pages)


def main():
    gc.disable()
    print(sum(build(number) for number in range(20_000)))


main()
