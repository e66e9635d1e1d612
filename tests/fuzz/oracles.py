"""What is wrong with an answer, by readers that are not memscope's own."""

from __future__ import annotations

import base64
import csv
import gzip
import importlib.util
import io
import json
import marshal
import re
import struct
import zlib
from collections import Counter
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, NoReturn
from xml.etree import ElementTree

from exports.openers import OPENERS
from golden.make import GOLDEN

PERFETTO = importlib.util.find_spec("perfetto") is not None
_SGR = re.compile(r"\x1b\[[0-9;]*m")  # colours, which rich makes and no name may
_LAYOUT = frozenset("\n")
# What a page has as often as it has something to tell; all else is in each page as often.
_TABLE = frozenset({"table", "caption", "thead", "tbody", "tr", "th", "td", "p"})


def unprintable(text: str) -> str | None:
    """The first character that could command a terminal, or reorder what it shows."""
    for character in text:
        if not character.isprintable() and character not in _LAYOUT:
            return f"the character {character!r}"
    return None


def wrong_on_terminal(text: str, *, colour: bool) -> str | None:
    found = unprintable(_SGR.sub("", text) if colour else text)
    return None if found is None else f"{found} on the terminal"


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def strict_json(data: bytes | str) -> Any:
    return json.loads(data, parse_constant=_no_constant)


def wrong_with_json(data: bytes) -> str | None:
    try:
        strict_json(data)
    except ValueError as error:
        return f"no JSON: {error}"
    return None


def wrong_with_file(name: str, path: Path) -> str | None:
    """A file of one format, or a report."""
    data = path.read_bytes()
    try:
        if name not in _ORACLES:
            OPENERS[name](path)
            return None
        return _ORACLES[name](data)
    except Exception as error:
        return f"cannot be read as {name}: {type(error).__name__}: {error}"


class _Skeleton(HTMLParser):
    """Which elements a page has, with the names of their attributes, and what its data says.

    How many a table has is a matter of its rows: in one, those that rows are made of do not count.
    """

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: Counter[tuple[str, tuple[str, ...]]] = Counter()
        self.comments = 0
        self.data = ""
        self._in_data = self._in_table = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = tuple(sorted(name for name, _ in attrs))
        if not (self._in_table and tag in _TABLE | {"span"} and {*names} <= {"class", "scope"}):
            self.elements[tag, names] += 1
        self._in_data = ("id", "data") in attrs
        self._in_table |= tag == "table"

    def handle_endtag(self, tag: str) -> None:
        self._in_data = False
        self._in_table &= tag != "table"

    def handle_data(self, data: str) -> None:
        if self._in_data:
            self.data += data

    def handle_comment(self, data: str) -> None:
        self.comments += 1

    unknown_decl = handle_pi = handle_comment


def skeleton(data: bytes) -> _Skeleton:
    parser = _Skeleton()
    parser.feed(data.decode("utf-8"))
    parser.close()
    return parser


@cache
def _expected() -> Counter[tuple[str, tuple[str, ...]]]:
    import memscope
    from memscope.reports.html.single import capture_page

    with memscope.load(GOLDEN) as capture:
        return skeleton(capture_page(capture).encode("utf-8", "backslashreplace")).elements


def page_data(text: str) -> Any:
    """The document within a page, as its script reads it."""
    unpacked = zlib.decompress(base64.b64decode(text, validate=True))
    (length,) = struct.unpack_from("<I", unpacked)
    document = strict_json(unpacked[4 : 4 + length])
    left = len(unpacked) - 4 - length
    told = sum(column["width"] * column["count"] for column in document["columns"])
    assert left == told, f"columns of {told} bytes in {left}"
    return document


def _page(data: bytes) -> str | None:
    found, expected = skeleton(data), _expected()
    for key in found.elements.keys() | expected.keys():
        tag, attributes = key
        if tag in ("table", "p") and not attributes:
            continue
        if found.elements[key] != expected[key]:
            return f"{found.elements[key]} times {key} in the page, instead of {expected[key]}"
    if found.comments:
        return "a comment in the page"
    page_data(found.data)
    return None


def _svg(data: bytes) -> str | None:
    allowed = {"svg", "g", "rect", "text", "title", "style", "script", "a", "defs"}
    for element in ElementTree.fromstring(data).iter():
        tag = str(element.tag).rpartition("}")[2]
        if tag not in allowed or any(name.lower().startswith("onevil") for name in element.attrib):
            return f"the element {tag} {sorted(element.attrib)}"
    return None


def _collapsed(data: bytes) -> str | None:
    for line in data.decode().split("\n")[:-1]:
        if unprintable(line) or not re.fullmatch(r".* [0-9]+", line):
            return f"the line {line[:200]!r}"
    return None


def _csv(data: bytes) -> str | None:
    csv.field_size_limit(1 << 30)
    head, *lines = csv.reader(io.StringIO(data.decode(), newline=""))
    for line in lines:
        if len(line) != len(head):
            return f"a line of {len(line)} fields where {len(head)} belong"
        if any(unprintable(field) or field[:1] in ("=", "+", "@") for field in line):
            return f"the line {line!r:.300}"
    return None


def _strict(data: bytes) -> str | None:
    strict_json(data)
    return None


def _pprof(data: bytes) -> str | None:
    from exports.profile_proto import Profile

    profile = Profile()
    profile.ParseFromString(gzip.decompress(data))
    for text in profile.string_table:
        if found := unprintable(text):
            return f"{found} among the strings"
    return None


def _pstats(data: bytes) -> str | None:
    assert isinstance(marshal.loads(data), dict)
    return None


def _perfetto(data: bytes) -> str | None:
    from perfetto.protos.perfetto.trace.perfetto_trace_pb2 import Trace

    Trace().ParseFromString(data)
    return None


_ORACLES = {
    "report": _page, "svg": _svg, "collapsed": _collapsed, "csv": _csv, "json": _strict,
    "speedscope": _strict, "chrome": _strict, "pprof": _pprof, "pstats": _pstats,
    "perfetto": _perfetto,
}  # fmt: skip
