# forbid: chunk
import os
import random


def write_sources(folder, n, seed=11):
    rng = random.Random(seed)
    words = "sun moon star sky wind rain snow leaf tree river".split()
    for i in range(n):
        tags = ",".join(sorted(rng.sample(words, 3)))
        body = "\n\n".join(" ".join(rng.choices(words, k=60)) for _ in range(rng.randrange(2, 9)))
        with open(os.path.join(folder, f"p{i:04d}.txt"), "w", encoding="utf-8") as out:
            out.write(f"title: Page {i}\ntags: {tags}\ndraft: {'yes' if i % 37 == 0 else 'no'}\n---\n{body}\n")


class Page:
    __slots__ = ("name", "head", "body")

    def __init__(self, name, head, body):
        self.name, self.head, self.body = name, head, body

    @property
    def tags(self):
        return self.head["tags"].split(",")


def read_page(path):
    with open(path, encoding="utf-8") as src:
        text = src.read()
    front, _, body = text.partition("---\n")
    head = dict(line.split(": ", 1) for line in front.splitlines())
    return Page(os.path.basename(path)[:-4], head, body)


def pages(folder):
    for name in sorted(os.listdir(folder)):
        if name.endswith(".txt"):
            page = read_page(os.path.join(folder, name))
            if page.head["draft"] == "no":
                yield page
