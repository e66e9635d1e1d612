"""Which lines call compiled modules, by what the source imports."""

from __future__ import annotations

from pathlib import Path

import pytest

from memscope.advice.program.compiledcalls import CompiledCalls
from memscope.analysis.compiledmodules import Compiled
from memscope.analysis.origins import Origin
from memscope.capture.description import Meta


def called(folder: Path, lines: str, *, root: str = "") -> list[str]:
    """What the last line of a module `shop/page.py` calls of `shop/fast.so`, and `shop/sub/in.so`.

    `root` is where their names begin, as far as the capture knows.
    """
    file = folder / "shop" / "page.py"
    file.parent.mkdir()
    file.write_text(lines)
    modules = [
        Compiled(f"{folder}/{stem}", f"{stem}.so", "mypyc", Origin.OWN, f"{folder}{root}")
        for stem in ("shop/fast", "shop/sub/deep")
    ]
    calls = CompiledCalls(Meta(), modules)
    assert not calls.at(str(file), 0)
    return list(calls.at(str(file), len(lines.splitlines())))


@pytest.mark.parametrize(
    ("lines", "names"),
    [
        ("import shop.fast\nshop.fast.build(3)", ["shop.fast.build"]),
        ("import shop.fast as quick\nquick.build(3)", ["shop.fast.build"]),
        ("from shop import fast\nfast.Box.of(3)", ["shop.fast.Box.of"]),
        ("from shop.fast import build as make\nx = [make(3)]", ["shop.fast.build"]),
        ("from . import fast\nfast.build(3)", ["shop.fast.build"]),
        ("from .fast import build\nbuild(3)", ["shop.fast.build"]),
        ("from .sub import deep\ndeep.build(3)", ["shop.sub.deep.build"]),
        ("from .sub.deep import build\nbuild(3)", ["shop.sub.deep.build"]),
        ("from ..shop.fast import build\nbuild(3)", ["shop.fast.build"]),
        ("def f():\n    from .fast import build\n    return build(3)", ["shop.fast.build"]),
        ("import shop.fast\nbuild = 3\nbuild(3)", []),
        ("import shop.faster\nshop.faster.build(3)", []),
        ("import fast\nfast.build(3)", []),
        ("from other import fast\nfast.build(3)", []),
        ("from .. import fast\nfast.build(3)", []),
        ("from .fast import build\nlist(map(build, x))", []),
        ("from .fast import Box\nbox.fill(Box)", []),
    ],
)
def test_what_a_line_calls(tmp_path: Path, lines: str, names: list[str]) -> None:
    assert called(tmp_path, lines) == names


@pytest.mark.parametrize("root", ["/shop", "/shop/sub"])
def test_packages_that_a_capture_does_not_know(tmp_path: Path, root: str) -> None:
    """A package that allocates nothing when it is imported is not in a capture."""
    lines = "import shop.sub.deep\nshop.sub.deep.build(3)"
    assert called(tmp_path, lines, root=root) == ["shop.sub.deep.build"]


def test_a_call_counts_where_it_begins_and_at_the_methods_name(tmp_path: Path) -> None:
    file = tmp_path / "page.py"
    file.write_text("import fast\nfast.Box(\n    1,\n)\n(fast\n .build)(\n 3)\n")
    module = Compiled(f"{tmp_path}/fast", "fast.so", "cython", Origin.OWN, str(tmp_path))
    calls = CompiledCalls(Meta(), [module])
    told = {line: list(calls.at(str(file), line)) for line in range(1, 8)}
    assert {line: names for line, names in told.items() if names} == {
        2: ["fast.Box"],
        5: ["fast.build"],
        6: ["fast.build"],
    }


@pytest.mark.parametrize("file", ["", "<string>", "/nowhere.py", "/dev/zero"])
def test_no_source(file: str) -> None:
    module = Compiled("/fast", "fast.so", "cython", Origin.OWN, "/")
    assert not CompiledCalls(Meta(), [module]).at(file, 1)
