"""Where tools work: one directory, and the paths that they may name."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from memscope.errors import MemscopeError

_MOST_NAMES = 10_000


class Workplace:
    """A directory, and the others that were allowed besides; paths lead nowhere else."""

    def __init__(self, folder: Path, allowed: Sequence[Path] = ()) -> None:
        self.folder = folder.resolve()
        self._allowed = (self.folder, *(path.resolve() for path in allowed))

    def path(self, text: str) -> Path:
        """The path that the text names, symbolic links followed; raises MemscopeError."""
        try:
            path = (self.folder / text).resolve()
        except (OSError, ValueError, RuntimeError):
            raise MemscopeError("is no path", text) from None
        if not any(path.is_relative_to(each) for each in self._allowed):
            where = f"is outside of {self.folder}"
            raise MemscopeError(where, text, "start memscope mcp with --allow DIRECTORY")
        return path

    def existing(self, text: str) -> Path:
        path = self.path(text)
        if not path.exists():
            raise MemscopeError("is not there", text, f"paths start at {self.folder}")
        return path

    def new_capture(self, name: str) -> Path:
        """A name for a capture that no file has yet."""
        for number in range(1, _MOST_NAMES):
            path = self.folder / f"memscope-{name}-{number}.mscope"
            if not path.exists():
                return path
        raise MemscopeError("holds too many captures", self.folder, "remove old ones")
