"""Documents whose pages are filled first, and which a table by name keeps."""


class Library:
    def __init__(self):
        self.by_name = {}

    def add(self, number):
        document = Document(f"document {number}")
        for page in range(8):
            document.pages.append(f"page {page} of {number} " * 4)
        self.by_name[document.name] = document  # advise: leak
        return len(document.pages)


class Document:
    def __init__(self, name):
        self.name = name
        self.pages = []


def main():
    library = Library()
    pages = 0
    for number in range(30_000):
        pages += library.add(number)
    print(pages)


main()
