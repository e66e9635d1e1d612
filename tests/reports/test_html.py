"""The report's file: what is in it, read by a parser and a decoder that we did not write."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shutil
import struct
import subprocess
import zlib
from pathlib import Path
from typing import Any

import html5lib
import pytest
from capture.captures import LOAD, MAIN, load, shop
from capture.writer import CaptureWriter
from golden.make import GOLDEN

import memscope
from memscope.reports.html import capture_page, difference_page
from memscope.reports.html.columns import Columns
from memscope.reports.html.page import MODULES, joined_script
from memscope.reports.html.sources import source_lines

ASSETS = Path(memscope.__file__).parent / "reports" / "assets"
NODE = shutil.which("node")
needs_node = pytest.mark.skipif(NODE is None, reason="node is not here")


def parsed(page: str) -> Any:
    return html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(page)


def header(page: str) -> dict[str, Any]:
    text = parsed(page).find(".//script[@id='data']").text
    data = zlib.decompress(base64.b64decode(text.strip()))
    (length,) = struct.unpack_from("<I", data)
    found = json.loads(data[4 : 4 + length])
    assert isinstance(found, dict)
    return found


def test_the_same_capture_gives_the_same_bytes(tmp_path: Path) -> None:
    pages = [capture_page(load(shop(), tmp_path)) for _ in range(2)]
    assert pages[0] == pages[1]


def test_the_policy_lets_nothing_in_but_our_own_script(tmp_path: Path) -> None:
    tree = parsed(capture_page(load(shop(), tmp_path)))
    (meta,) = [m for m in tree.iter("meta") if m.get("http-equiv") == "Content-Security-Policy"]
    policy = meta.get("content")
    script = [node for node in tree.iter("script") if node.get("id") is None]
    assert len(script) == 1
    for node, directive in ((script[0], "script-src"), (tree.find(".//style"), "style-src")):
        digest = base64.b64encode(hashlib.sha256(node.text.encode()).digest()).decode()
        assert f"{directive} 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    for node in tree.iter():
        assert not {"src", "href", "style", "onclick", "onload"} & set(node.attrib)


HOSTILE = [
    "</script><script>alert(1)</script>",
    "<!--<script>",
    "<img src=x onerror=alert(1)>",
    "]]>$policy${data}",
    "\ud800\x00\x1b[31m\u202e",
    "\"'`&amp;",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_stay_text(tmp_path: Path, name: str) -> None:
    made = CaptureWriter(command=["python", name])
    made.site([(name, f"/home/me/{name}.py", 1)], count=5)
    page = capture_page(load(made, tmp_path))
    page.encode("utf-8", "backslashreplace")
    clean = parsed(capture_page(load(shop(), tmp_path, "clean.mscope")))
    tree = parsed(page.encode("utf-8", "backslashreplace").decode())
    tags = {node.tag for node in tree.iter() if isinstance(node.tag, str)}
    assert tags == {node.tag for node in clean.iter() if isinstance(node.tag, str)}
    assert len(list(tree.iter("script"))) == 2
    assert name in header(page)["texts"]


def test_how_sure_the_numbers_are_is_said(tmp_path: Path) -> None:
    facts = header(capture_page(load(shop(mode="sampled", sample_bytes=512), tmp_path)))["facts"]
    assert (facts["sampled"], facts["sample_bytes"], facts["complete"]) == (True, 512, True)
    cut = tmp_path / "cut.mscope"
    cut.write_bytes(shop().build()[:-100])
    document = header(capture_page(memscope.load(cut)))
    assert not document["facts"]["complete"]
    assert any("no end" in note for note in document["notes"])


def test_damaged_captures_give_a_page(tmp_path: Path) -> None:
    whole = GOLDEN.read_bytes()
    path = tmp_path / "damaged.mscope"
    for place in range(60, len(whole), max(len(whole) // 60, 1)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
        document = header(capture_page(memscope.load(path)))
        assert document["notes"]


def test_the_table_is_there_without_the_script(tmp_path: Path) -> None:
    tree = parsed(capture_page(load(shop(), tmp_path)))
    rows = tree.findall(".//tbody/tr")
    cells = [[cell.text or "" for cell in row.findall("td")] for row in rows]
    assert ["JSONDecoder.raw_decode", "json/decoder.py:353", "59 KiB", "1,000"] in [
        row[:4] for row in cells
    ]


def test_nothing_allocated(tmp_path: Path) -> None:
    page = capture_page(load(CaptureWriter(), tmp_path))
    assert "Nothing was allocated" in page
    assert header(page)["panels"] == []


def test_differences_name_what_keeps_them_from_being_compared(tmp_path: Path) -> None:
    old = load(shop(), tmp_path, "old.mscope")
    new = load(shop(python="3.13.0"), tmp_path, "new.mscope")
    assert "Python is not the same: 3.12.1 and 3.13.0" in header(difference_page(old, new))["notes"]


def test_sampled_and_exact_can_be_held_against_each_other(tmp_path: Path) -> None:
    old = load(shop(), tmp_path, "old.mscope")
    new = load(shop(mode="sampled", sample_bytes=512), tmp_path, "new.mscope")
    document = header(difference_page(old, new))
    assert document["unit"] == 256
    assert document["facts"]["allocations"] == document["old_facts"]["allocations"]


def test_source_lines_are_read_around_the_site(tmp_path: Path) -> None:
    path = tmp_path / "app.py"
    path.write_text("".join(f"line {number}\n" for number in range(1, 10)))
    made = CaptureWriter(cwd=str(tmp_path), main=str(path))
    made.site([("main", str(path), 5)], count=5)
    capture = load(made, tmp_path)
    found = header(capture_page(capture))["source"]
    assert found == {str(path): {str(n): f"line {n}" for n in range(3, 8)}}
    assert header(capture_page(capture, source=False))["source"] == {}


def test_only_regular_source_files_are_read(tmp_path: Path) -> None:
    pipe, folder, secret = tmp_path / "pipe.py", tmp_path / "folder.py", tmp_path / "key.pem"
    os.mkfifo(pipe)
    folder.mkdir()
    secret.write_text("secret\n")
    link = tmp_path / "link.py"
    link.symlink_to(secret)
    wanted = [(str(path), 1) for path in (link, pipe, folder, secret, tmp_path / "gone.py")]
    wanted += [("/dev/zero", 1), ("relative.py", 1), ("<string>", 1), ("/nul\x00l.py", 1)]
    assert source_lines(wanted) == {}


def test_lines_are_bounded(tmp_path: Path) -> None:
    path = tmp_path / "long.py"
    path.write_text("x" * 1000 + "\n" * 100_000)
    found = source_lines((str(path), line) for line in range(1, 100_000, 7))
    assert len(found[str(path)]) <= 1500
    assert len(found[str(path)][1]) == 200


def test_every_module_is_in_the_page_once() -> None:
    assert {path.stem for path in ASSETS.glob("*.mjs")} == set(MODULES)
    script = joined_script()
    for line in script.splitlines():
        assert not line.startswith(("import ", "export "))


@needs_node
def test_the_joined_script_is_one_program(tmp_path: Path) -> None:
    assert NODE is not None
    path = tmp_path / "page.js"
    path.write_text(joined_script())
    done = subprocess.run([NODE, "--check", path], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@needs_node
def test_the_modules(tmp_path: Path) -> None:
    assert NODE is not None
    columns = Columns()
    columns.add("small", [1, 2, 255])
    columns.add("odd", [0, 2**40, 7, *[0] * 100])
    columns.add("none", [])
    packed = columns.text({"names": ["</script>", "ß"]})
    tests = sorted((Path(__file__).parents[1] / "js").glob("*.test.mjs"))
    assert tests
    done = subprocess.run(
        [NODE, "--test", *tests],
        env={**os.environ, "MEMSCOPE_PACKED": packed},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_single_function(tmp_path: Path) -> None:
    made = CaptureWriter()
    made.site([MAIN, LOAD])
    assert header(capture_page(load(made, tmp_path)))["windows"]
