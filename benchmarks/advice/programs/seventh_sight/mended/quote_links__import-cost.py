import random
import re
from urllib.parse import quote, unquote

SAFE = "/:?=&%#"
LINK = re.compile(r"\[([^\]]*)\]\(([^)]*)\)")


class LinkBook:
    def __init__(self):
        self.counts = {}
        self.order = []

    def add(self, target):
        key = quote(unquote(target), safe=SAFE)
        if key not in self.counts:
            self.counts[key] = 0
            self.order.append(key)
        self.counts[key] += 1
        return key

    def rewrite(self, text):
        return LINK.sub(lambda m: f'<a href="{self.add(m[2])}">{m[1]}</a>', text)

    def common(self, count):
        ranked = sorted(self.order, key=lambda key: (-self.counts[key], key))
        return [(key, self.counts[key]) for key in ranked[:count]]


def pages(count, seed):
    rng = random.Random(seed)
    names = ["grüne wege", "harbour map", "ice & snow", "über uns", "tide table", "old mill", "coast path"]
    for number in range(count):
        lines = []
        for _ in range(20):
            name = rng.choice(names)
            lines.append(f"see [{name}](/wiki/{name}/{rng.randrange(30)}?page={number % 5}) for more")
        yield "\n".join(lines)


def main():
    book = LinkBook()
    size = 0
    longest = ""
    for page in pages(2200, 91):
        html = book.rewrite(page)
        size += len(html)
        longest = max(longest, html, key=len)
    print(len(book.order), size, len(longest))
    for key, count in book.common(3):
        print(key, count)


if __name__ == "__main__":
    main()
