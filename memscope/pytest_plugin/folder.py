"""Where captures of tests lie."""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

import pytest

from memscope.errors import MemscopeError


class CaptureFolder:
    """The folder that was asked for or, until the next run, one in pytest's cache.

    Processes that run tests side by side have a folder each in the cache.
    """

    def __init__(self, config: pytest.Config, asked_for: Path | None) -> None:
        self._temporary: Path | None = None
        self.path = (asked_for or self._in_cache(config)).absolute()
        try:
            self.path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise MemscopeError(
                f"the directory of captures cannot be made: {error.strerror}", self.path
            ) from error

    def _in_cache(self, config: pytest.Config) -> Path:
        worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
        cache: pytest.Cache | None = getattr(config, "cache", None)
        if cache is None:
            base = self._temporary = Path(tempfile.mkdtemp(prefix="memscope-"))
        else:
            base = cache.mkdir("memscope")
        shutil.rmtree(base / worker, ignore_errors=True)
        return base / worker

    def close(self) -> None:
        """Without pytest's cache nobody else removes it; with captures in it, it stays."""
        if self._temporary is not None:
            with suppress(OSError):
                self.path.rmdir()
                self._temporary.rmdir()
