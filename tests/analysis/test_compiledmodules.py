"""Compiled modules of a capture: whose they are, and their names."""

from __future__ import annotations

from pathlib import Path

import pytest
from capture import captures
from capture.captures import MAIN
from capture.writer import CaptureWriter

from memscope.analysis.compiledmodules import Compiled, compiled_modules
from memscope.analysis.origins import Origin, Origins
from memscope.analysis.redaction import RedactedCapture

TAG = ".cpython-312-x86_64-linux-gnu.so"


def found(path: Path, modules: object, *, redacted: bool = False) -> dict[str, Compiled]:
    made = CaptureWriter(
        cwd="/srv/app",
        main="/srv/app/run.py",
        prefixes={"stdlib": ["/usr/lib/python3.12"], "site": ["/usr/lib/python3.12/site-packages"]},
    )
    made.site([MAIN], size=10)
    made.site([("<module>", "/srv/app/shop/__init__.py", 1)], size=10)
    made.look([("heap", "", 10)], time_ns=10)
    made.compiled = modules
    with captures.load(made, path) as capture:
        seen = RedactedCapture(capture) if redacted else capture
        return {it.name: it for it in compiled_modules(seen, Origins(seen.meta, seen.tables))}


def test_whose_they_are_and_what_they_are_called(tmp_path: Path) -> None:
    modules = found(
        tmp_path,
        [
            {"by": "mypyc", "path": f"/srv/app/fast{TAG}"},
            {"by": "cython", "path": "/srv/app/shop/deep.abi3.so"},
            {"by": "mypyc", "path": f"/usr/lib/python3.12/site-packages/black/__init__{TAG}"},
            {"by": "mypyc", "path": f"/usr/lib/python3.12/site-packages/black/nodes{TAG}"},
            {"by": "mypyc", "path": f"/usr/lib/python3.12/site-packages/0123__mypyc{TAG}"},
            {"by": "cython", "path": "/opt/more/quick.so"},
        ],
    )
    told = {name: (it.short, it.by, it.origin) for name, it in modules.items()}
    assert told == {
        "fast": ("fast.so", "mypyc", Origin.OWN),
        "shop.deep": ("shop/deep.so", "cython", Origin.OWN),
        "black": ("black/__init__.so", "mypyc", Origin.LIBRARY),
        "black.nodes": ("black/nodes.so", "mypyc", Origin.LIBRARY),
        "quick": ("/opt/more/quick.so", "cython", Origin.OWN),
    }


@pytest.mark.parametrize(
    "modules",
    [
        None,
        7,
        {"by": "mypyc", "path": "/a.so"},
        [None, 7, [], {}, {"by": "mypyc"}, {"path": "/a.so"}, {"by": "gcc", "path": "/a.so"}],
        [{"by": "mypyc", "path": 7}, {"by": "mypyc", "path": ""}, {"by": "mypyc", "path": "a.so"}],
    ],
)
def test_what_is_no_module_is_left_out(tmp_path: Path, modules: object) -> None:
    assert found(tmp_path, modules) == {}


def test_a_name_is_bytes(tmp_path: Path) -> None:
    stored = "/srv/app/größe.so".encode().decode("latin-1")
    assert list(found(tmp_path, [{"by": "cython", "path": stored}])) == ["größe"]


def test_a_redacted_capture_has_none(tmp_path: Path) -> None:
    assert found(tmp_path, [{"by": "cython", "path": "/srv/app/fast.so"}], redacted=True) == {}
