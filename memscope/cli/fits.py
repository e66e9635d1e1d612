"""`memscope fits`: whether a recorded run would have fitted into a limit of memory."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from memscope.analysis.measures import Measures
from memscope.cli.answer import Destination, capture_subcommand, give, open_capture
from memscope.cli.progress import steps
from memscope.cli.quantities import limit_of

if TYPE_CHECKING:
    from rich.console import Console

    from memscope.advice.model import Advice
    from memscope.capture import Capture

MOST_ADVICE = 5


@capture_subcommand("fits")
@click.argument("limit_bytes", metavar="SIZE", callback=limit_of)
def command(path: Path, destination: Destination, limit_bytes: int) -> None:
    """Say whether the run would have fitted into SIZE, such as 256MB, and what to change first."""
    from memscope.analysis.fitting import fit_into
    from memscope.reports.fits import fits_document, fits_lines

    with open_capture(path) as capture:
        fit = fit_into(capture, limit_bytes)
        first = [] if fit.verdict == "fits" else _first(capture)

        def draw(console: Console) -> None:
            from rich.text import Text

            for line in fits_lines(fit, first, capture):
                console.print(Text(line), soft_wrap=True)

        give(destination, capture, lambda: fits_document(fit, first, capture), draw)


def _first(capture: Capture) -> list[Advice]:
    from memscope.advice.advise import advise
    from memscope.advice.evidence.calibration import host_costs
    from memscope.reports.fits import first_to_change

    with steps("weighing kinds of advice") as told:
        advised = advise(Measures(capture), host_costs(calibrate=False), (), told)
    return first_to_change(advised.advice)[:MOST_ADVICE]
