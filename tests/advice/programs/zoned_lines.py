"""Adds to one attribute in two lines. Both copy it; the one that copies most speaks for both."""


class Page:
    def __init__(self):
        self.text = ""

    def line(self, zone, number):
        self.text += f"zone {zone}: "
        self.text += f"{number} at most\n"  # advise: grow-copy


def main():
    page = Page()
    for number in range(9000):
        page.line(number % 12, number)
    print(len(page.text))


main()
