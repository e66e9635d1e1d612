"""Numbers as people read them: no more digits than mean something."""

from __future__ import annotations

_BYTE_UNITS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB")
_COUNT_UNITS = ("", "k", "M", "G", "T", "P")


def bytes_text(value: float) -> str:
    """`312 MiB`, `1.4 GiB`, `17 B`: in powers of 1024, as everything in memscope."""
    number, unit = _shortened(value, 1024, len(_BYTE_UNITS))
    return f"{number} {_BYTE_UNITS[unit]}"


def count_text(value: float) -> str:
    """`9,876`, `38.2M`, `120k`."""
    if abs(value) < 9_999.5:
        return f"{round(value):,}"
    number, unit = _shortened(value, 1000, len(_COUNT_UNITS))
    return f"{number}{_COUNT_UNITS[unit]}"


def share_text(share: float) -> str:
    """A share as a percentage; what is there never rounds to nothing, nor what lacks to all."""
    percent = share * 100
    if 0 < percent < 1:
        return "<1%"
    if 99 < percent < 100:
        return ">99%"
    return f"{percent:.0f}%"


def time_text(seconds: float) -> str:
    """`350 ms`, `8.2 s`, `2 min 5 s`, `1 h 12 min`."""
    if seconds < 0.9995:
        return f"{seconds * 1000:.0f} ms" if seconds >= 0.00095 or not seconds else "<1 ms"
    if seconds < 59.95:
        return f"{seconds:.1f} s" if seconds < 9.95 else f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours:,} h {minutes} min" if minutes else f"{hours:,} h"


def cost_text(seconds: float) -> str:
    """What something takes, in units down to nanoseconds: `0.4 µs`, `12 µs`, `350 ms`, `8.2 s`."""
    magnitude, unit = abs(seconds), "s"
    for smaller in ("ms", "µs", "ns"):
        if magnitude >= 0.9995:
            break
        if not magnitude or (unit == "µs" and magnitude >= 0.095):
            break
        magnitude, unit = magnitude * 1000, smaller
    sign = "-" if seconds < 0 else ""
    return f"{sign}{magnitude:,.{1 if magnitude < 9.95 and magnitude else 0}f} {unit}"


def signed(delta: float, text: str) -> str:
    """The text of an amount with the sign of the difference that it is: `+3 KiB`, `-17`."""
    return f"-{text}" if delta < 0 else f"+{text}"


def plural(count: float, noun: str, nouns: str | None = None) -> str:
    """`1 block`, `3,000 blocks`."""
    return f"{count_text(count)} {noun if round(count) == 1 else nouns or noun + 's'}"


def _shortened(value: float, step: int, units: int) -> tuple[str, int]:
    unit = 0
    magnitude = abs(value)
    # Bytes are told one by one up to 1,023; from KiB on three digits are enough.
    while unit < units - 1 and magnitude >= (999.5 if unit else step - 0.5):
        magnitude /= step
        unit += 1
    digits = 1 if unit and magnitude < 9.95 else 0
    sign = "-" if value < 0 else ""
    return f"{sign}{magnitude:,.{digits}f}", unit
