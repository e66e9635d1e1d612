"""The errors memscope explains to people: what happened, where, and what to do about it."""

from __future__ import annotations


class MemscopeError(Exception):
    """A failure with a one-line explanation; the command line prints it and exits with status 1."""

    def __init__(self, what: str, where: object = None, remedy: str | None = None) -> None:
        super().__init__(what, where, remedy)
        self.what = what
        self.where = None if where is None else str(where)
        self.remedy = remedy

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        advice = f" ({self.remedy})" if self.remedy else ""
        return one_line(f"{place}{self.what}{advice}")


class CaptureError(MemscopeError):
    """A file that cannot be read as a capture at all."""


def one_line(text: str) -> str:
    """The text with everything escaped that could break the line or command a terminal.

    Paths and function names come from captures and file systems: they may hold newlines, escape
    sequences and bytes that are no text.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        character if character.isprintable() else ascii(character)[1:-1] for character in text
    )
