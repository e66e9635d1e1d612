"""What mkdocs does not do by itself: the subcommands, links to sources, and llms.txt.

A link from a page to a file outside of docs/ is checked here, and is plain text on the site, which
has the pages alone. `llms.txt` lists the pages with what each is about, for programs that read;
beside each page lies its Markdown.
"""

from __future__ import annotations

import posixpath
import re
import sys
from pathlib import Path
from typing import Any

from mkdocs.exceptions import PluginError
from mkdocs.structure.nav import Navigation, Section
from mkdocs.structure.pages import Page

sys.path.insert(0, str(Path(__file__).parent))
import subcommands

DOCS = Path(__file__).parents[1]
ROOT = DOCS.parent
OUTWARD = re.compile(r"(?<!!)\[([^\]]+)\]\(((?:\.\./)+[^)#]+)(#[^)]*)?\)")
SUBCOMMANDS = "<!-- subcommands -->"
TITLE = re.compile(r"^# .*\n+", re.MULTILINE)

_pages: list[tuple[str, Page]] = []


def on_page_markdown(markdown: str, page: Page, **_: Any) -> str:
    """Links that leave docs/ become plain text. PluginError if there is no such file."""
    if SUBCOMMANDS in markdown:
        markdown = markdown.replace(SUBCOMMANDS, subcommands.page())
    here = posixpath.join("docs", posixpath.dirname(page.file.src_uri))

    def inward(link: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join(here, link[2]))
        if target.startswith("docs/"):
            return link[0]
        if not (ROOT / target).exists():
            raise PluginError(f"{page.file.src_uri} links to {target}, which is not there")
        text = link[1].strip("`")
        return f"`{text}`" if "/" in text or "." in text else f"{link[1]} (`{target}`)"

    return OUTWARD.sub(inward, markdown)


def on_nav(nav: Navigation, **_: Any) -> None:
    """Notes the pages in the order of the navigation, each with its section."""
    _pages.clear()
    for item in nav.items:
        inside = item.children if isinstance(item, Section) else [item]
        _pages.extend((item.title or "", page) for page in inside if isinstance(page, Page))


def about(markdown: str) -> str:
    """The first paragraph of a page that is prose, in one line."""
    for paragraph in TITLE.sub("", markdown, count=1).split("\n\n"):
        if (
            paragraph
            and paragraph.lstrip()[0] not in "`#|!-*<:"
            and not paragraph.startswith("    ")
        ):
            return re.sub(r"\[([^\]]+)\]\([^)]*\)", r"\1", " ".join(paragraph.split()))
    return ""


def on_post_build(config: Any, **_: Any) -> None:
    """Writes llms.txt, and the Markdown of each page beside it."""
    site = Path(config["site_dir"])
    lines = [f"# {config['site_name']}", "", f"> {config['site_description']}", ""]
    section = ""
    for title, page in _pages:
        if title not in (section, page.title):
            lines += ["", f"## {title}", ""]
            section = title
        markdown = page.markdown or ""
        beside = site / page.file.src_uri
        beside.parent.mkdir(parents=True, exist_ok=True)
        beside.write_text(markdown, encoding="utf-8")
        lines.append(f"- [{page.title}]({page.file.src_uri}): {about(markdown)}")
    (site / "llms.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
