"""Structured-document model of a text editor: styled runs, outline tree, word-wrapped export."""
from __future__ import annotations

import hashlib
import random
import textwrap
from dataclasses import dataclass, field
from typing import Iterator


@dataclass(slots=True)
class Run:
    text: str
    bold: bool = False
    link: str | None = None

    def runs(self) -> list[Run]:
        return [self]


@dataclass
class Block:
    name: str
    children: list = field(default_factory=list)

    def runs(self) -> list[Run]:
        found: list[Run] = []
        for child in self.children:
            found.extend(child.runs())
        return found

    def add(self, child):
        self.children.append(child)
        return child

    def walk(self, depth: int = 0) -> Iterator[tuple[int, Block]]:
        yield depth, self
        for child in self.children:
            if isinstance(child, Block):
                yield from child.walk(depth + 1)


WORDS = ("vertex shader buffer kernel lattice photon tensor raster spline octree "
         "mutex opcode parser lexer boson quark plasma orbit vector matrix").split()


def compose(rng: random.Random, paragraphs: int) -> Block:
    book = Block("book")
    chapter = book.add(Block("chapter-0"))
    for p in range(paragraphs):
        if p and p % 7000 == 0:
            chapter = book.add(Block(f"chapter-{p}"))
        para = chapter.add(Block(f"p{p}"))
        for _ in range(rng.randint(3, 9)):
            word = rng.choice(WORDS)
            para.add(Run(word, rng.random() < 0.2, f"#{word}" if rng.random() < 0.1 else None))
    return book


class Exporter:
    def __init__(self, doc: Block):
        self.doc = doc

    def markdown(self) -> str:
        def mark(run: Run) -> str:
            s = f"**{run.text}**" if run.bold else run.text
            return f"[{s}]({run.link})" if run.link else s
        return " ".join(mark(run) for run in self.doc.runs())

    def statistics(self) -> dict[str, int]:
        runs = self.doc.runs()
        return {
            "runs": len(runs),
            "bold": sum(r.bold for r in runs),
            "links": sum(r.link is not None for r in runs),
            "blocks": sum(1 for _ in self.doc.walk()),
        }


def main() -> None:
    doc = compose(random.Random(4), 8200)
    exporter = Exporter(doc)
    print(exporter.statistics())
    flat = exporter.markdown()
    lines = textwrap.wrap(flat[:60_000], 88)
    print(len(flat), len(lines), hashlib.md5(flat.encode()).hexdigest())
    print(lines[-1][:60])


if __name__ == "__main__":
    main()
