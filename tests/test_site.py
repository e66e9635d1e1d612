"""The site has every page, and says so to machines: mkdocs.yml, docs/."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
NAVIGATION = (ROOT / "mkdocs.yml").read_text(encoding="utf-8").partition("\nnav:")[2]
LINK = re.compile(r"\[[^\]]+\]\((?!https?:|mailto:|#)([^)#\s]+)(?:#[^)]*)?\)")


def test_each_page_has_its_place() -> None:
    """mkdocs.yml has the order of the site: put a new page of docs/ there."""
    placed = set(re.findall(r"[\w/-]+\.md", NAVIGATION))
    pages = {path.relative_to(ROOT / "docs").as_posix() for path in (ROOT / "docs").rglob("*.md")}
    decisions = {page for page in pages if re.match(r"decisions/\d", page)}
    assert placed == pages - decisions


def test_links_between_files_lead_somewhere() -> None:
    lost = []
    for place in ("*.md", "docs/**/*.md", "sample_apps/**/*.md", "cext/*.md", ".github/**/*.md"):
        for page in sorted(ROOT.glob(place)):
            text = re.sub(r"^```.*?^```$", "", page.read_text("utf-8"), flags=re.M | re.S)
            lost += [
                f"{page.relative_to(ROOT)}: {target}"
                for target in LINK.findall(text)
                if not (page.parent / target).exists()
            ]
    assert not lost
