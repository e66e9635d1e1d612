"""`%%memscope` and `%memscope` in a real notebook, run by a real kernel."""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Any

import pytest

import memscope

nbclient = pytest.importorskip("nbclient", reason="needs nbclient")
nbformat = pytest.importorskip("nbformat", reason="needs nbclient")
PATIENCE_S = 300

CELLS = [
    "%load_ext memscope\nruns = 0",
    "%%memscope\nruns += 1\nkept = [bytes(1000) for _ in range(5000)]\n"
    "gone = len(bytes(8 << 20))\nlen(kept)",
    "print(runs, len(kept), Out[2])",
    "%memscope --no-report more = {number: bytearray(2000) for number in range(1000)}",
    "%%memscope -n 1 --no-report --no-names\n1 / 0",
    "%%memscope nonsense\nruns += 1",
    "%%memscope -o cell.mscope --no-report\nlist(range(100_000));",
    "%%memscope -o cell.mscope --no-report\nruns += 1",
    "print(runs)",
    "%memscope --no-report [str(number) * 9 for number in range(10_000)]",
]
(LOAD, CELL, AFTER, LINE, RAISES, WRONG, KEEPS, AGAIN, RUNS, VALUE) = range(len(CELLS))


@pytest.fixture(scope="module")
def notebook(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Path]:
    """The notebook after all its cells have run, and where."""
    place = tmp_path_factory.mktemp("notebook")
    made = nbformat.v4.new_notebook()
    made.cells = [nbformat.v4.new_code_cell(source) for source in CELLS]
    client = nbclient.NotebookClient(
        made,
        timeout=PATIENCE_S,
        allow_errors=True,
        kernel_name="python3",
        resources={"metadata": {"path": str(place)}},
    )
    client.execute()
    return made, place


def shown(notebook: tuple[Any, Path], cell: int, kind: str = "text/plain") -> str:
    """What memscope shows of a cell."""
    (output,) = (
        output for output in notebook[0].cells[cell].outputs if output.output_type == "display_data"
    )
    text: str = output.data[kind]
    return text


def test_a_cell_runs_once_and_gives_what_it_gives(notebook: tuple[Any, Path]) -> None:
    (result,) = (
        output
        for output in notebook[0].cells[CELL].outputs
        if output.output_type == "execute_result"
    )
    assert (result.data["text/plain"], result.execution_count) == ("5000", 2)
    assert notebook[0].cells[AFTER].outputs[0].text == "1 5000 5000\n"


def test_its_figures_lines_and_names_are_told(notebook: tuple[Any, Path]) -> None:
    head, lines, heaviest, *rest = shown(notebook, CELL).splitlines()
    # 5000 blocks of 1033 bytes, a list of them, and once 8 MiB that are gone.
    assert re.fullmatch(
        r"memscope peak 13 MiB, requested 13 MiB in [\d,.k]+ allocations, kept 5.0 MiB, in .+",
        head,
    )
    assert lines == "live at the peak, by line:"
    assert heaviest.split() == ["8.0", "MiB", "cell", "[2]:4", "<module>"]
    # Up to 3.11 a comprehension is a function.
    assert re.fullmatch(r"    5.0 MiB  cell \[2\]:3  <(module|listcomp)>", rest[0])
    names = rest[rest.index("kept by this cell, by name:") + 1 :]
    assert names[0] == "    5.0 MiB  kept"


def test_the_report_is_within_and_may_do_nothing_but_show_itself(
    notebook: tuple[Any, Path],
) -> None:
    text = shown(notebook, CELL, "text/html")
    frame = re.search(r'<iframe sandbox="allow-scripts" srcdoc="([^"]*)"', text)
    assert frame is not None
    page = html.unescape(frame[1])
    assert page.startswith("<!DOCTYPE html>")
    assert "default-src 'none'" in page
    assert "<script" not in text.replace(frame[1], "")


def test_a_statement_is_a_cell_too(notebook: tuple[Any, Path]) -> None:
    text = shown(notebook, LINE)
    assert re.search(r"  cell \[4\]:1  <(module|dictcomp)>$", text, re.MULTILINE)
    assert re.search(r"^ +2\.\d MiB  more$", text, re.MULTILINE)
    assert "iframe" not in shown(notebook, LINE, "text/html")


def test_what_a_cell_gives_is_kept_by_out(notebook: tuple[Any, Path]) -> None:
    *_, name = shown(notebook, VALUE).splitlines()
    assert re.fullmatch(r" +[\d.]+ [KM]iB  Out\[10\]", name)


def test_what_a_cell_raises_is_its_own_and_its_figures_are_told(
    notebook: tuple[Any, Path],
) -> None:
    errors = [o for o in notebook[0].cells[RAISES].outputs if o.output_type == "error"]
    assert [error.ename for error in errors] == ["ZeroDivisionError"]
    assert shown(notebook, RAISES).startswith("memscope peak ")
    assert "by name" not in shown(notebook, RAISES)


def test_wrong_options_are_a_line_and_nothing_runs(notebook: tuple[Any, Path]) -> None:
    (output,) = notebook[0].cells[WRONG].outputs
    assert output.text == "UsageError: memscope: 'nonsense' is not an option\n"


def test_a_capture_may_be_kept_and_is_never_written_over(notebook: tuple[Any, Path]) -> None:
    assert [o.output_type for o in notebook[0].cells[KEEPS].outputs] == ["display_data"]
    with memscope.load(notebook[1] / "cell.mscope") as capture:
        assert capture.complete
        assert capture.sums.total.allocations > 99_000
    # It ran all the same.
    assert "the file exists already" in shown(notebook, AGAIN)
    assert notebook[0].cells[RUNS].outputs[0].text == "2\n"
