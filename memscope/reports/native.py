"""Native requests that were too small to be told one by one, for people and in documents."""

from __future__ import annotations

from dataclasses import asdict

from memscope.analysis.units import bytes_text, plural
from memscope.capture.description import End, SmallNative

NOT_ATTACHED = (
    "what was there before, and calls that go by no table of imports: of the C library itself, of"
    " code that is linked statically, of addresses that were looked up before"
)


def attached_native(end: End | None) -> bool:
    """Whether native memory was recorded in a process that ran already."""
    return end is not None and end.native == "attached"


def small_native_of(end: End | None) -> SmallNative | None:
    """Their sums; None where all native requests were told."""
    return end.native_small if end is not None else None


def small_native_text(small: SmallNative) -> str:
    """What follows how much they requested in all."""
    requests = plural(small.allocations, "request")
    live = f"{bytes_text(small.live_bytes)} live at the end"
    return f"in {requests} below {bytes_text(small.least_bytes)}, in no sum: {live}"


def small_native_document(end: End | None) -> dict[str, int] | None:
    small = small_native_of(end)
    return None if small is None else asdict(small)
