import functools
import random
from string import Template


class Renderer:
    HEAD = Template("<h2>$title</h2>")
    ROW = Template("<tr><td>$key</td><td>$value</td></tr>")

    def __init__(self, theme):
        self.theme = theme
        self.rendered = 0

    @functools.lru_cache(maxsize=None)
    def row(self, key, value):
        self.rendered += 1
        return self.ROW.substitute(key=key, value=value)

    @functools.lru_cache(maxsize=None)
    def page(self, title, number, pairs):
        body = "".join(self.row(key, value) for key, value in pairs)
        return f"{self.HEAD.substitute(title=title)}<!-- {self.theme} {number} --><table>{body}</table>"


def requests(count, seed):
    rng = random.Random(seed)
    keys = ["mass", "length", "charge", "spin", "colour", "decay", "period", "group"]
    for number in range(count):
        pairs = tuple((key, rng.randrange(40)) for key in rng.choices(keys, k=18))
        yield f"Sheet {rng.randrange(500)}", number, pairs


def main():
    renderer = Renderer("plain")
    size = 0
    check = 0
    for title, number, pairs in requests(24_000, 47):
        html = renderer.page(title, number, pairs)
        size += len(html)
        check = (check * 17 + len(html) * (number & 7) + html.count("spin")) % 1_000_003
    print(size, check, renderer.rendered)


if __name__ == "__main__":
    main()
