"""The report's file: what is in it, read by a parser and a decoder that we did not write."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import shutil
import struct
import subprocess
import zlib
from pathlib import Path
from typing import Any

import html5lib
import pytest
from capture import writer
from capture.captures import KEPT, LOAD, MAIN, load, loop, shop
from capture.graphs import ITEM_BYTES, LIST_BYTES, with_snapshots
from capture.writer import CaptureWriter
from golden.make import GOLDEN

import memscope
from memscope.reports.html.columns import Columns
from memscope.reports.html.difference import difference_page
from memscope.reports.html.page import BEGINS, MODULES, joined_module, joined_script
from memscope.reports.html.single import capture_page
from memscope.reports.html.sources import source_lines

ASSETS = Path(memscope.__file__).parent / "reports" / "assets"
# For the type checker, so it is not installed with the package.
TYPES = Path(__file__).parents[2] / "memscope" / "reports" / "assets" / "types.d.mts"
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


def test_processes_without_a_capture_are_told_above_the_page(tmp_path: Path) -> None:
    made = shop()
    made.end["processes"] = {"forked": 2, "spawned": 0, "followed": 0, "list": []}
    made.exit = {"status": 0, "peak_resident_bytes": 24 << 20}
    assert header(capture_page(load(made, tmp_path)))["notes"] == [
        "unrecorded: 2 forked processes (use --follow-fork)"
    ]


def test_memory_that_was_not_tracked_is_told_above_the_page(tmp_path: Path) -> None:
    made = shop()
    made.exit = {"status": 0, "peak_resident_bytes": 300 << 20}
    told = header(capture_page(load(made, tmp_path)))
    assert told["facts"]["unseen"] == ["298 MiB of unknown owner"]
    assert told["notes"] == [
        "not seen: >99% of resident memory (298 MiB of 298 MiB) was not tracked: 298 MiB of"
        " unknown owner"
    ]


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


def test_a_command_of_several_lines_is_told_in_one(tmp_path: Path) -> None:
    made = CaptureWriter(command=["python", "-c", "rows = []\nprint(rows)\n"])
    made.site([("<module>", "<string>", 1)], count=5)
    page = capture_page(load(made, tmp_path))
    assert "<title>python -c rows = [] print(rows)" in page


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
    cells = [[list(cell.itertext()) for cell in row.findall("td")] for row in rows]
    place = ["JSONDecoder.raw_decode", "json/decoder.py:353"]
    assert [place, ["59 KiB"], ["1,000"]] in [row[:3] for row in cells]


def test_nothing_allocated(tmp_path: Path) -> None:
    page = capture_page(load(CaptureWriter(), tmp_path))
    assert "Nothing was allocated" in page
    assert header(page)["panels"] == []


def test_differences_name_what_keeps_them_from_being_compared(tmp_path: Path) -> None:
    old = load(shop(), tmp_path, "old.mscope")
    new = load(shop(python="3.13.0"), tmp_path, "new.mscope")
    assert "Python is not the same: 3.12.1 and 3.13.0" in header(difference_page(old, new))["notes"]


def test_differences_say_where_only_one_tells_of_objects(tmp_path: Path) -> None:
    old = load(loop(), tmp_path, "old.mscope")
    new = load(shop(), tmp_path, "new.mscope")
    for pair, which in (((old, new), "old"), ((new, old), "new")):
        notes = header(difference_page(*pair))["notes"]
        assert any(note.startswith(f"only {which} tells of objects") for note in notes)
    assert not any(
        "tells of objects" in note for note in header(difference_page(old, old))["notes"]
    )


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_types_stay_text(tmp_path: Path, name: str) -> None:
    made = CaptureWriter(format=2, objects=True)
    made.site([MAIN], count=5, type=(name, name, "object"))
    page = capture_page(load(made, tmp_path))
    assert len(list(parsed(page).iter("script"))) == 2
    assert header(page)["types"][1] == f"{name}.{name}"


def test_what_is_not_known_of_objects_is_told_above_the_page(tmp_path: Path) -> None:
    made = loop()
    made.end["objects"] = {"creations_told": True, "types_of_live": "not asked", "why": "killed"}
    notes = header(capture_page(load(made, tmp_path)))["notes"]
    assert any("not asked at its end what its live blocks are (killed)" in note for note in notes)


def test_bytes_that_may_be_another_lines_are_told_above_the_page(tmp_path: Path) -> None:
    made = loop()
    made.site([MAIN], size=1024, count=9, domain="mem", uncertain_peak_bytes=9216)
    notes = header(capture_page(load(made, tmp_path)))["notes"]
    assert any("live at the peak, up to 9.0 KiB may be of objects" in note for note in notes)


def test_a_page_without_types_has_no_data_of_any(tmp_path: Path) -> None:
    told = header(capture_page(load(shop(), tmp_path)))
    assert (told["types"], told["kept_type"], told["facts"]["objects"]) == ([], None, False)
    names = {column["name"] for column in told["columns"]}
    assert not {name for name in names if name.startswith(("row_type", "created", "reused"))}


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
    assert {path.stem for path in ASSETS.glob("*.mjs")} == {*MODULES, *BEGINS}
    for line in "".join(map(joined_script, BEGINS)).splitlines():
        assert not line.startswith(("import ", "export "))


def test_types_are_left_out_of_the_page() -> None:
    for word in ("@param", "@returns", "@import", "@typedef", "@template"):
        assert any(word in path.read_text() for path in ASSETS.glob("*.mjs"))
        assert word not in joined_script()


@pytest.mark.parametrize(
    ("module", "joined"),
    [
        ("/** @type {A} */\nlet a = 1;\n", "let a = 1;\n"),
        (
            "/**\n * Says.\n *\n * @param {A} a\n */\nexport function f(a) {}\n",
            "function f(a) {}\n",
        ),
        ("  /** one */\n  f();\n  /** two */\n", "  f();\n"),
        # A cast stays: it does not end its line, and what is up to the next comment is code.
        (
            "/** @type {A} */ (f)();\ng();\n/** b */\nh();\n",
            "/** @type {A} */ (f)();\ng();\nh();\n",
        ),
        ("const a = /** @type {A} */ (b);\n", "const a = /** @type {A} */ (b);\n"),
        ('f("/**");\ng();\nf("*/");\n', 'f("/**");\ng();\nf("*/");\n'),
        ("/* why */\nf(); // because\n", "/* why */\nf(); // because\n"),
        ("/** a /** b */\nf();\n", "f();\n"),
        ("/** never ended\nf();\n", "/** never ended\nf();\n"),
    ],
)
def test_only_comments_of_types_are_left_out(module: str, joined: str) -> None:
    assert joined_module(module) == joined


def test_no_string_of_a_module_goes_on_in_a_new_line() -> None:
    for path in ASSETS.glob("*.mjs"):
        code = re.sub(r"^ *(//|/?\*).*", "", path.read_text(), flags=re.MULTILINE)
        odd = [line for line in code.splitlines() if line.count("`") % 2 or line.endswith("\\")]
        assert not odd, path.name


def fields(interface: str) -> dict[str, str]:
    """The fields of an interface that the script's type checker goes by, and their types."""
    declared = TYPES.read_text()
    found = re.search(
        rf"^(?:export )?interface {interface}\b.*?{{\n(.*?)^}}", declared, re.M | re.S
    )
    assert found is not None, interface
    return dict(re.findall(r'^  "?([\w-]+)"?\??: (.*);$', found[1], re.M))


def test_the_types_are_those_of_the_data(tmp_path: Path) -> None:
    single = header(capture_page(load(shop(), tmp_path)))
    both = load(shop(), tmp_path, "old.mscope"), load(shop(), tmp_path, "new.mscope")
    difference = header(difference_page(*both))
    assert set(single["facts"]) == set(fields("Facts"))
    assert set(difference["old_facts"]) == set(fields("Facts"))
    assert set(single) == {*fields("CommonHeader"), *fields("CaptureHeader")} - {"old_facts"}
    assert set(difference) == {*fields("CommonHeader"), *fields("DifferenceHeader")}
    assert single["columns"]
    for column in single["columns"]:
        assert set(column) == set(fields("PackedColumn"))
    assert single["panels"]
    for panel in single["panels"]:
        assert set(panel) == set(fields("Panel"))
        for row in panel["rows"]:
            assert set(row) == set(fields("PanelRow"))


def test_holders_have_what_they_retain_and_who_made_it(tmp_path: Path) -> None:
    path = tmp_path / "app.mscope"
    path.write_bytes(writer.join(with_snapshots(loop(), 1, 4, 9), writer.VERSIONS))
    found = header(capture_page(memscope.load(path)))["retainers"]
    assert set(found) == set(fields("Retainers"))
    assert (found["snapshots"], found["cause"], found["since_s"]) == (3, "asked", 1.0)
    names = [group[1] for group in found["groups"]]
    cache = names.index("shop.cache")
    parent, _, _, root, objects, retained, of_all, gained = found["groups"][cache]
    assert (parent, root, objects, of_all) == (0, "module shop", 1, 1 + 9)
    assert (retained, gained) == (LIST_BYTES + 9 * ITEM_BYTES, 8 * ITEM_BYTES)
    made = [found["lines"][line][:2] for group, line, _ in found["pairs"] if group == cache + 1]
    assert made == [list(KEPT[-1][1:])]


def test_a_snapshot_that_was_left_out_is_told(tmp_path: Path) -> None:
    frames = with_snapshots(loop(), 1)
    at = next(place for place, (kind, _) in enumerate(frames) if kind == writer.SNAPSHOT)
    told = {"time_ns": 1, "moment": "end", "taken": False, "why": "there was no room for it"}
    frames[at : at + 4] = [(writer.SNAPSHOT, json.dumps(told).encode())]
    path = tmp_path / "app.mscope"
    path.write_bytes(writer.join(frames, writer.VERSIONS))
    document = header(capture_page(memscope.load(path)))
    assert document["retainers"] is None
    assert any("there was no room for it" in note for note in document["notes"])


def test_the_types_are_those_of_the_elements(tmp_path: Path) -> None:
    """`byId` promises elements that the page holds, of the kind that it says."""
    kinds = {
        "select": "Select", "div": "Div", "canvas": "Canvas", "p": "Paragraph", "span": "Span",
        "script": "Script", "dl": "DList", "section": "", "button": "Button", "output": "Output",
        "dialog": "Dialog", "input": "Input", "label": "Label",
    }  # fmt: skip
    tree = parsed(capture_page(load(shop(), tmp_path)))
    held = {node.get("id"): kinds[node.tag] for node in tree.iter() if node.get("id")}
    promised = {
        name: re.sub(r"^HTML(.*)Element$|<.*", r"\1", kind)
        for name, kind in fields("Parts").items()
    }
    assert promised == held


@needs_node
@pytest.mark.parametrize("begins", BEGINS)
def test_the_joined_script_is_one_program(tmp_path: Path, begins: str) -> None:
    assert NODE is not None
    path = tmp_path / "page.js"
    path.write_text(joined_script(begins))
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
