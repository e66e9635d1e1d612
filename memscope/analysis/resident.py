"""The figure of resident memory that every report shows, and what it is.

  kernel's peak of the program alone     unless its looks saw more
- memscope's own part                    at the look that found most
= peak_bytes                             in summary, timeline, report, compare, advise
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from memscope.analysis.timeline import MemoryOverTime, TimelineSample
from memscope.capture import Capture
from memscope.plain import dataclass

Source = Literal["kernel", "looks", "unknown"]


@dataclass(frozen=True, slots=True)
class Resident:
    """The program's resident memory at most, without its children and without memscope.

    `peak_bytes` is 0 where it is not known. `own_bytes` is memscope's part, which the kernel counts
    in addition. What a snapshot took for its moment is in neither. `source` says whether the kernel
    kept the peak or looks found it, 10 ms apart at first and more in a long run. `tracked_bytes` is
    the most that was live around that time, and `tracked_share` its share of the peak. It can
    exceed 1: memory that was requested and never touched is not resident. None where nothing was
    measured.
    """

    peak_bytes: int
    own_bytes: int
    source: Source
    tracked_bytes: float
    tracked_share: float | None

    @property
    def kernel_bytes(self) -> int:
        """With memscope's part, as the kernel counts."""
        return self.peak_bytes + self.own_bytes


def resident_of(capture: Capture, over_time: MemoryOverTime) -> Resident:
    """The figure for a capture."""
    kernel_bytes = kernel_peak(capture)
    samples = over_time.samples
    measured = [place for place, sample in enumerate(samples) if sample.resident_bytes]
    if not measured:
        if not kernel_bytes:
            return Resident(0, 0, "unknown", 0, None)
        # Over before the first look: memscope's part is what it had at the end.
        own_bytes = capture.end.segment_bytes + capture.end.program_bytes if capture.end else 0
        return _figure("kernel", kernel_bytes, own_bytes, capture.sums.total.peak_bytes)
    snapshots = capture.end is not None and capture.end.kernel_peaks is not None
    place = _nearest(samples, measured, kernel_bytes)
    highest = max(measured, key=lambda place: samples[place].program_bytes)
    if kernel_bytes - samples[place].own_bytes > samples[highest].program_bytes:
        # It grew on after that look, and may have done so until the next.
        tracked_bytes = max(sample.max_live_bytes for sample in samples[place : place + 2])
        return _figure("kernel", kernel_bytes, samples[place].own_bytes, tracked_bytes)
    found = samples[highest]
    # Within a snapshot memscope has more than it has else.
    own_bytes = min(found.own_bytes, samples[place].own_bytes) if snapshots else found.own_bytes
    return _figure("looks", found.program_bytes + own_bytes, own_bytes, found.max_live_bytes)


def kernel_peak(capture: Capture) -> int:
    """The most that was resident by the kernel's count, outside of snapshots; 0: not known."""
    peak_bytes = capture.exit.peak_resident_bytes if capture.exit is not None else 0
    if capture.end is None:
        return peak_bytes
    peak_bytes = peak_bytes or capture.end.peak_resident_bytes
    peaks = capture.end.kernel_peaks
    return peak_bytes if peaks is None else peaks.outside(peak_bytes)


def _figure(source: Source, kernel_bytes: int, own_bytes: int, tracked_bytes: float) -> Resident:
    peak_bytes = max(kernel_bytes - own_bytes, 0)
    return Resident(
        peak_bytes=peak_bytes,
        own_bytes=kernel_bytes - peak_bytes,
        source=source,
        tracked_bytes=tracked_bytes,
        tracked_share=tracked_bytes / peak_bytes if peak_bytes else None,
    )


def _nearest(samples: Sequence[TimelineSample], measured: Sequence[int], kernel_bytes: int) -> int:
    """The look that found most up to the kernel's peak: above it a snapshot was being taken."""
    below = [place for place in measured if samples[place].resident_bytes <= kernel_bytes]
    return max(below or measured, key=lambda place: samples[place].resident_bytes)
