"""Print shipping labels as ZPL or as plain text for the proof sheet."""

import abc
import hashlib
import io
import string
import textwrap


class LabelWriter(abc.ABC):
    """Collects the text of a print job; subclasses know the printer's language."""

    def __init__(self, copies: int = 1) -> None:
        self.copies = copies
        self.job = io.StringIO()

    def emit(self, text: str) -> None:
        self.job.write(text + "\n")

    @abc.abstractmethod
    def label(self, name: str, street: str, town: str) -> None: ...

    def finish(self) -> str:
        return self.job.getvalue()


class Zpl(LabelWriter):
    HEAD = string.Template("^XA^PQ$copies")

    def label(self, name: str, street: str, town: str) -> None:
        self.emit(self.HEAD.substitute(copies=self.copies))
        for row, text in enumerate((name, street, town)):
            self.emit(f"^FO40,{60 + row * 44}^A0N,36^FD{text}^FS")
        self.emit("^XZ")


class Proof(LabelWriter):
    WIDTH = 28

    def label(self, name: str, street: str, town: str) -> None:
        self.emit("+" + "-" * self.WIDTH + "+")
        for text in (name, street, town):
            self.emit("|" + textwrap.shorten(text, self.WIDTH).ljust(self.WIDTH) + "|")


def print_all(writer: LabelWriter, orders: int) -> str:
    for number in range(orders):
        writer.label(
            f"Customer {number:05d}",
            f"{number % 90 + 1} Harbour Street",
            f"{10000 + number * 7 % 90000} Newtown",
        )
    return writer.finish()


def main() -> None:
    for writer in (Zpl(copies=2), Proof()):
        text = print_all(writer, 2400)
        print(type(writer).__name__, len(text), hashlib.md5(text.encode()).hexdigest())


if __name__ == "__main__":
    main()
