"""Changes as a unified diff that `git apply` and `patch -p1` take."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from difflib import unified_diff

from memscope.advice.changes.applying import applied
from memscope.advice.model import Advised, Change, Edit
from memscope.capture import Capture
from memscope.errors import one_line
from memscope.plain import dataclass

_NO_NEWLINE = "\n\\ No newline at end of file\n"
OVERLAPS = "the change before it is of the same lines"


@dataclass(frozen=True, slots=True)
class Patch:
    """A diff, with its folder; or why there is none."""

    diff: str = ""
    folder: str = ""
    why_not: str = ""


def patch_of(change: Change, contents: Mapping[str, bytes], cwd: str) -> Patch:
    """The diff of a change, with names from the folder that all of its files are in."""
    if isinstance(change, str):
        return Patch(why_not=change)
    files = sorted({edit.file for edit in change})
    paths = {file: os.path.join(cwd, file) for file in files}
    folder = _root(list(paths.values()), cwd)
    parts = []
    for file, path in paths.items():
        name = os.path.relpath(path, folder)
        if not name.isprintable() or any(character in name for character in '"\\'):
            return Patch(why_not="the name of the file cannot be written in a diff")
        before = contents[file]
        after = applied(before, [edit for edit in change if edit.file == file])
        if after is None:
            return Patch(why_not=OVERLAPS)
        parts.append(_diff(before, after, name.replace(os.sep, "/")))
    return Patch("".join(parts), folder)


def _root(paths: Sequence[str], cwd: str) -> str:
    """The work tree that files are in; else where the program was started; else what they share."""
    shared = os.path.dirname(paths[0]) if len(paths) == 1 else os.path.commonpath(paths)
    folder = shared
    while folder != os.path.dirname(folder):
        if os.path.exists(os.path.join(folder, ".git")):
            return folder
        folder = os.path.dirname(folder)
    is_below = bool(cwd) and os.path.commonpath([shared, cwd]) == os.path.normpath(cwd)
    return cwd if is_below else shared


def _diff(before: bytes, after: bytes, name: str) -> str:
    tab = "\t" if " " in name else ""  # else what follows the blank is taken for a time
    lines = unified_diff(_lines(before), _lines(after), f"a/{name}{tab}", f"b/{name}{tab}")
    return "".join(line if line.endswith("\n") else line + _NO_NEWLINE for line in lines)


def _lines(data: bytes) -> list[str]:
    """Lines as a diff has them, which ends one at a newline alone."""
    lines = data.decode("utf-8").split("\n")
    return [line + "\n" for line in lines[:-1]] + lines[-1:] * bool(lines[-1])


def patch_file(advised: Advised, capture: Capture, numbers: range) -> str:
    """One diff of all changes that can be made, after a line for each piece of advice.

    The lines come first and tell where to apply it, or why a change is not in it. Those who read
    diffs skip them. Where two changes are of the same lines the better one is made.
    """
    told: list[str] = []
    taken: list[Edit] = []
    patch = Patch()
    for number in numbers:
        advice = advised.advice[number - 1]
        change, site = advice.fix.change, advice.site
        place = f"{number} {advice.kind} {os.path.basename(site.file)}:{site.line}"
        if not isinstance(change, str):
            tried = patch_of(_together(taken, change), advised.contents, capture.meta.cwd)
            if tried.why_not:
                change = tried.why_not
            else:
                patch, taken = tried, list(_together(taken, change))
        told.append(f"{place}: {f'no patch: {change}' if isinstance(change, str) else 'patched'}")
    if patch.diff:
        told.append(f"in {patch.folder}: git apply FILE, or patch -p1 < FILE")
    elif not told:
        told.append("no advice")
    return "".join(f"# {one_line(line)}\n" for line in told) + patch.diff


def _together(taken: Sequence[Edit], change: Sequence[Edit]) -> tuple[Edit, ...]:
    """All edits, those that two changes have in common once: the import that both need."""
    return (*taken, *(edit for edit in change if edit not in taken))
