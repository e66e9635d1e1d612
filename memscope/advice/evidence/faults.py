"""Page faults: the time in which the kernel gives out the same pages again."""

from __future__ import annotations

from functools import cached_property

from memscope.advice.evidence.calibration import HostCosts
from memscope.advice.evidence.rows import RowSums
from memscope.advice.model import Interval
from memscope.analysis.resident import Resident
from memscope.capture import Capture

PAGE_BYTES = 4096
# Smaller ones come from memory that the allocator keeps.
FAULTING_BYTES = 60_000
# glibc never keeps a larger block: it is fresh pages, every time.
ALWAYS_MAPPED_BYTES = 32 << 20


class Faults:
    """The page faults of large blocks."""

    def __init__(
        self, capture: Capture, rows: RowSums, resident: Resident, costs: HostCosts
    ) -> None:
        self._capture = capture
        self._rows = rows
        self._resident = resident
        self._costs = costs

    def seconds(self, block_bytes: float, count: float) -> Interval:
        """Seconds that the kernel took to give out the pages of `count` such blocks again.

        The program needs one fault for each page of its highest resident size. The kernel counts
        all faults: those beyond that are of pages that were given out more than once. Blocks that
        the allocator never keeps caused theirs first. The other large blocks share the rest, each
        by its pages. A capture of `memscope.record()` has no such count: the answer is then from
        none to all.
        """
        if block_bytes < FAULTING_BYTES:
            return Interval(0.0, 0.0, 0.0)
        pages = count * block_bytes / PAGE_BYTES
        always = block_bytes > ALWAYS_MAPPED_BYTES
        ended = self._capture.exit
        if ended is None or not ended.minor_faults:
            most = pages * self._costs.page_fault_s
            return Interval(most * 0.5 if always else 0.0, most if always else 0.0, most)
        again = max(ended.minor_faults - self._resident.kernel_bytes / PAGE_BYTES, 0.0)
        kept, mapped = self._large_churn_pages
        churned = mapped if always else kept
        if not always:
            again = max(again - mapped, 0.0)
        share = min(again / churned, 1.0) if churned else 0.0
        fault_s = min(self._costs.page_fault_s, ended.system_s / ended.minor_faults)
        return Interval.around(pages * share * fault_s, 0.6, 1.5)

    @cached_property
    def _large_churn_pages(self) -> tuple[float, float]:
        """Pages of all large blocks that were made anew, in place growth left out.

        Of those that the allocator may keep, and of those that it never does.
        """
        totals = self._capture.totals
        classes = self._capture.tables.rows.size_class
        pages = [0.0, 0.0]
        for row in self._rows.large(range(len(classes)), FAULTING_BYTES):
            count = totals.allocations[row]
            if count:
                made = count - totals.reallocations[row] + totals.moved[row]
                size = totals.allocated_bytes[row] / count
                pages[size > ALWAYS_MAPPED_BYTES] += made * size / PAGE_BYTES
        return pages[0], pages[1]
