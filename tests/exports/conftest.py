"""Exports made by the command, as a user makes them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

pytest.register_assert_rewrite("exports.openers")

from cli.console import call  # noqa: E402
from golden.make import GOLDEN  # noqa: E402

Export = Callable[..., Path]


@pytest.fixture
def export(tmp_path: Path) -> Export:
    """`export("pprof", capture, "--redact")` gives the file; of the golden capture by default."""

    def run(name: str, capture: Path = GOLDEN, *options: str) -> Path:
        if name == "perfetto":
            pytest.importorskip("perfetto", reason="needs the package perfetto")
        written = tmp_path / f"{capture.stem}{''.join(options)}.{name}"
        done = call("export", "--format", name, "-o", written, "--force", *options, capture)
        assert done.returncode == 0, done.stderr
        assert done.stdout == ""
        return written

    return run
