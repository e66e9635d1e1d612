"""The `memscope` command's entry point. It imports next to nothing: see `memscope.cli.apart`."""

from __future__ import annotations

import sys

from memscope.cli.failing import ends


def main() -> None:
    """The console script's entry point."""
    for stream in (sys.stdout, sys.stderr):
        # File names and code may hold what the terminal's encoding cannot show.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    ends(_do)


def _do() -> object:
    if sys.argv[1:2] == ["run"]:
        from memscope.cli.apart import record

        record()
    from memscope.cli.commands import start

    return start()
