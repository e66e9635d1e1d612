"""What an export says of the capture it was made from: which program, and how sure figures are."""

from __future__ import annotations

import shlex

from memscope.analysis.uncertain import MATTERS_SHARE, uncertain_lines
from memscope.capture import Capture
from memscope.errors import one_line
from memscope.version import __version__

EXPORTER = f"memscope {__version__}"
MAX_COMMAND_CHARACTERS = 200


def title(capture: Capture) -> str:
    """The command that was recorded."""
    command = shlex.join(capture.meta.command) or capture.path.name
    if len(command) > MAX_COMMAND_CHARACTERS:
        command = command[: MAX_COMMAND_CHARACTERS - 1] + "…"
    return one_line(command)


def remarks(capture: Capture) -> tuple[str, ...]:
    """Why figures are not all there is, or not exact; nothing where they are."""
    _ = capture.tables, capture.totals, capture.timeline  # reading is what finds damage
    found = []
    if capture.meta.sampled and capture.meta.budget:
        found.append(
            f"sampled {capture.meta.sampled_share:.0%} of the time, within a budget of"
            f" {capture.meta.budget:.3g} of CPU time: figures are estimates in part"
        )
    elif capture.meta.sampled:
        found.append(
            f"sampled each {capture.meta.sample_bytes:,} bytes on average:"
            " figures are estimates, rounded to whole numbers"
        )
    if capture.meta.parts:
        found.append(
            f"{len(capture.meta.parts):,} captures in one: peaks are sums of each one's own, which"
            " need not have been at the same time"
        )
    found += uncertain_lines(capture, MATTERS_SHARE)
    found += [f"incomplete: {note}" for note in capture.notes]
    return tuple(map(one_line, found))


def certainty(capture: Capture) -> str:
    """The same in a word or two, where there is no room for more."""
    words = "estimates" if capture.meta.sampled else "exact"
    return words if not remarks(capture) or capture.complete else f"{words}, incomplete"
