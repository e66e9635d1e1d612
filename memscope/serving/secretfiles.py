"""Secrets that are in a file: a token, or credentials."""

from __future__ import annotations

import os
from pathlib import Path


def secret_line(file: Path, most_characters: int) -> str:
    """The first line, cut after one character too many.

    Raises ValueError, with a reason in words, where others may read the file, or it cannot be read.
    """
    try:
        with file.open(encoding="latin-1") as stream:
            if os.fstat(stream.fileno()).st_mode & 0o077:
                raise ValueError(f"{file} may be read by others: chmod 600 it")
            return stream.readline(most_characters + 2).strip()
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ValueError(f"{file} cannot be read: {reason}") from None
