"""What imports hold equals what tracemalloc says of them, in the same run, with no tolerance."""

from __future__ import annotations

import ast
import importlib
import json
import marshal
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest
from cli.console import ROOT, call, environment

# By file; the modules that each imports stand on lines of their own.
TREE = {
    "shop/__init__.py": "import helpers\nfrom shop import models\nkept = helpers.texts(50)\n",
    "shop/models.py": (
        "import shop.fields\nimport colorsys\n"
        "class Order:\n    def total(self):\n        return [1] * 1000\n"
        "gone = bytearray(300_000)\ndel gone\nsizes = [Order().total() for _ in range(7)]\n"
    ),
    "shop/fields.py": (
        "import helpers\nfields = helpers.texts(900)\n\ndef later():\n    import late\n"
    ),
    "helpers.py": "def texts(count):\n    return [str(each) * 40 for each in range(count)]\n",
    "late.py": "late = bytearray(70_001)\n",
    "idle.py": "def run():\n    import shop.fields\n    shop.fields.later()\n",
}
IMPORTS = {
    ("shop/__init__.py", 1): "helpers.py", ("shop/__init__.py", 2): "shop/models.py",
    ("shop/models.py", 1): "shop/fields.py", ("shop/models.py", 2): "colorsys.py",
    ("main.py", 12): "shop/__init__.py", ("main.py", 13): "idle.py",
    ("shop/fields.py", 5): "late.py",
}  # fmt: skip

BOOTSTRAP = "<frozen importlib._bootstrap>"
FROM_LIST = {line for *_, line in importlib._bootstrap._handle_fromlist.__code__.co_lines()}  # type: ignore[attr-defined]
# It waits for a module that is being loaded already, such as the package of the importing one.
WAITING = {line for *_, line in importlib._bootstrap._lock_unlock_module.__code__.co_lines()}  # type: ignore[attr-defined]
# It calls whatever it is given: to load a module, or to wait for one.
CALLING = {line for *_, line in importlib._bootstrap._call_with_frames_removed.__code__.co_lines()}  # type: ignore[attr-defined]

MAIN = """\
import gc, sys
from importlib._bootstrap import _lock_unlock_module; from marshal import dump

import memscope
from allocation_tracer import AllocationTracer

sys.dont_write_bytecode = True; [_lock_unlock_module("-") for _ in range(int(sys.argv[3]))]
tracer = AllocationTracer(100)
tracer.start()
with memscope.record(sys.argv[1], objects=False):
    tracer.forget()
    import shop
    import idle
    idle.run()
    sys._clear_type_cache()  # it has names that a finder looked for, until others take their places
    gc.collect()
    stacks = tracer.stacks()
tracer.stop()
with open(sys.argv[2], "wb") as file:
    dump(stacks, file)
"""


def lines_of_functions(source: str) -> set[int]:
    """Lines that run later than the module, or are run for another one."""
    functions = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef)]
    return {line for of in functions for line in range(of.lineno + 1, (of.end_lineno or 0) + 1)}


def held(stacks: Iterable[tuple[list[tuple[str, int]], int]], folder: Path) -> Counter[str]:
    """Bytes by file of the module whose import holds them, by tracemalloc's stacks."""
    sources = {name: folder.joinpath(name).read_text() for name in (*TREE, "main.py")}
    later = {(name, line) for name in TREE for line in lines_of_functions(sources[name])}
    sizes: Counter[str] = Counter()
    for frames, size in stacks:
        loading = False
        for path, line in frames:  # from the request outwards
            name = path.removeprefix(f"{folder}/")
            if path.startswith("<frozen importlib"):
                # What it takes to go through the names of `from shop import models` is shop's own,
                # and so is waiting for what others load.
                if path != BOOTSTRAP or line not in FROM_LIST | CALLING | WAITING:
                    loading = True
                elif line in WAITING:
                    loading = False
            elif Path(path).name == "colorsys.py":
                sizes["colorsys.py"] += size
                break
            elif loading and (name, line) in IMPORTS:
                sizes[IMPORTS[name, line]] += size
                break
            elif name in sources and (name, line) not in later:
                sizes[name] += size
                break
    del sizes["main.py"]
    return sizes


@pytest.mark.parametrize("locked", range(5))
def test_what_each_import_holds(tmp_path: Path, locked: int) -> None:
    # The table of locks is made anew at each fifth, in whichever import that is.
    folder = tmp_path / "project"
    for name, source in {**TREE, "main.py": MAIN}.items():
        folder.joinpath(name).parent.mkdir(exist_ok=True, parents=True)
        folder.joinpath(name).write_text(source)
    capture, answer = tmp_path / "run.mscope", tmp_path / "answer"
    oracles = Path(__file__).parent / "oracles"
    subprocess.run(
        [sys.executable, folder / "main.py", capture, answer, str(locked)],
        env=environment({"PYTHONPATH": f"{oracles}{os.pathsep}{ROOT}"}),
        cwd=folder, check=True, timeout=600,
    )  # fmt: skip
    found = json.loads(call("imports", capture, "--json", "-n", "0").stdout)
    ours = Counter(
        {
            str(row["file"]).removeprefix(f"{folder}/"): row["own_live_bytes"]
            for row in found["rows"]
        }
    )
    ours["colorsys.py"] = next(size for name, size in ours.items() if name.endswith("/colorsys.py"))
    theirs = held(marshal.loads(answer.read_bytes()), folder)
    assert theirs.keys() == {*TREE, "colorsys.py"}
    assert theirs["shop/fields.py"] > 900 * 80
    assert {name: ours[name] for name in theirs} == theirs
    rows = {row["module"]: row for row in found["rows"]}
    assert rows["shop"]["live_bytes"] == sum(
        rows[name]["own_live_bytes"]
        for name in ("shop", "shop.models", "shop.fields", "helpers", "colorsys")
    )
    assert rows["shop.models"]["own_allocated_bytes"] > 300_000
    assert rows["late"]["parent"] is None, "a function imported it, when imports were over"
    assert rows["late"]["imported_from"]["line"] == 5
