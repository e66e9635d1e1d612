"""Makes edits, and refuses those that do not fit or leave no Python."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Sequence
from itertools import pairwise

from memscope.advice.model import Change, Edit
from memscope.advice.program.source import SourceFile, SourceFiles

_MARK = b"\xef\xbb\xbf"


def checked(change: Change, sources: SourceFiles) -> Change:
    """The change if each file that it edits is Python after it; else why it is not made."""
    if isinstance(change, str):
        return change
    for file in {edit.file for edit in change}:
        source = sources.of(file)
        if source is None:
            return "the source is not there, or changed since the recording"
        if why := _why_not(source, [edit for edit in change if edit.file == file]):
            return why
    return change


def _why_not(source: SourceFile, edits: Sequence[Edit]) -> str:
    if source.data.startswith(_MARK):
        return "the file begins with a mark of its encoding"
    try:
        source.data.decode("utf-8")
    except UnicodeDecodeError:
        return "the file is not UTF-8"
    edited = applied(source.data, edits)
    if edited is None:
        return "its parts overlap"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(ast.parse(edited), "<edited>", "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return "the file would not be Python after it"
    return ""


def applied(data: bytes, edits: Sequence[Edit]) -> bytes | None:
    """A file's content after edits; None if two of them are of the same part.

    Of several that put something into one place the first comes first.
    """
    lines = data.splitlines(keepends=True)
    end = b"\r\n" if lines and lines[0].endswith(b"\r\n") else b"\n"
    open_end = bool(lines) and not lines[-1].endswith((b"\n", b"\r"))
    if open_end:
        lines[-1] += end
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    parts = sorted(
        (
            (starts[edit.start[0] - 1] + edit.start[1], starts[edit.end[0] - 1] + edit.end[1], edit)
            for edit in edits
        ),
        key=lambda part: part[:2],
    )
    if any(before[1] > after[0] for before, after in pairwise(parts)):
        return None
    whole, done, place = b"".join(lines), [], 0
    for first, last, edit in parts:
        done += [whole[place:first], edit.text.encode().replace(b"\n", end)]
        place = last
    after = b"".join([*done, whole[place:]])
    # What comes after the last line ends it; else it stays as it was.
    return after.removesuffix(end) if open_end and place < len(whole) else after
