"""The drawing of the folders in docs/architecture.md shows all that there are, and no others."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
DRAWN_WHOLE = ("cext", "memscope")  # with the folders in their folders
NOT_SOURCES = re.compile(r"\..*|__pycache__|build|dist|site|node_modules|.*\.egg-info")
FOLDER = re.compile(r"( *)([a-z_]+)/(?: |$)")


def drawn() -> set[str]:
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    drawing = page.partition("## The folders\n```\n")[2].partition("```")[0]
    found: set[str] = set()
    above: list[str] = []
    for line in drawing.splitlines():
        if folder := FOLDER.match(line):
            depth = len(folder[1]) // 2
            above = [*above[:depth], folder[2]]
            found.add("/".join(above))
    return found


def folders(place: Path) -> set[str]:
    found = set()
    for path in place.iterdir():
        if path.is_dir() and not NOT_SOURCES.fullmatch(path.name):
            found.add(path.relative_to(ROOT).as_posix())
    return found


def there() -> set[str]:
    found = folders(ROOT)
    todo = [ROOT / name for name in DRAWN_WHOLE]
    while todo:
        below = folders(todo.pop())
        found |= below
        todo.extend(ROOT / name for name in below)
    return found


def test_the_drawing_is_the_listing_of_the_folders() -> None:
    assert drawn() == there()


def test_modules_of_c_are_listed_where_they_are() -> None:
    page = (ROOT / "cext" / "README.md").read_text(encoding="utf-8")
    for folder in ("shared", "program", "ledger", "capture", "drain", "python"):
        row = re.search(rf"^\| `{folder}/` \| (.*?)(?::| \|)", page, re.MULTILINE)
        assert row, folder
        listed = sorted(re.findall(r"`(\w+)`", row[1]))
        assert listed == sorted({path.stem for path in (ROOT / "cext" / folder).glob("*.[ch]")})
