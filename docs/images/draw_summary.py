"""draw_summary.py SCRIPT: records a program and draws the summary as an SVG beside this file."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.text import Text

COLUMNS = 80


def main(script: str) -> None:
    with tempfile.TemporaryDirectory() as directory:
        capture = str(Path(directory) / "before.mscope")
        memscope = [str(Path(sys.executable).with_name("memscope"))]  # the one that is installed
        subprocess.run([*memscope, "run", "-q", "-o", capture, script], check=True)
        colours = os.environ | {"FORCE_COLOR": "1", "COLUMNS": str(COLUMNS)}
        summary = subprocess.check_output([*memscope, "summary", capture], env=colours, text=True)
    # The last line names the next command, with a path that is only here.
    lines = summary.replace(capture, "memscope-before-4711.mscope").rstrip("\n")
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True)
    console.print(f"$ memscope run {script}", style="bold", highlight=False)
    console.print(Text.from_ansi(lines))
    drawing = console.export_svg(title="memscope", unique_id="memscope")
    # Without the fonts that would be fetched from elsewhere; a monospaced one is always there.
    drawing = re.sub(r"@font-face \{.*?\}\s*", "", drawing, flags=re.DOTALL)
    Path(__file__).with_name("summary.svg").write_text(drawing)


main(sys.argv[1])
