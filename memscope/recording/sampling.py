"""The mean distance between samples, a budget, and the counters of a drain that may sample."""

from __future__ import annotations

from memscope.errors import MemscopeError

TYPE_CHECKING = False  # without `typing`, which the supervisor can do without
if TYPE_CHECKING:
    from memscope._recorder import Drain

# Weights of sampled blocks are kept in 64 bits together with 256ths of a byte.
SAMPLE_BYTES_MAX = 16 << 20
# The distance where a budget is passed and no other was asked for: at 1 GB a second of small
# requests 8,000 samples.
BUDGET_SAMPLE_BYTES = 128 << 10


def check_distance(sample_bytes: int) -> None:
    """Raise MemscopeError unless it is 0, which is exact, or a mean distance that can be had."""
    if not 0 <= sample_bytes <= SAMPLE_BYTES_MAX:
        raise MemscopeError(f"the mean sampling distance must be 0 to {SAMPLE_BYTES_MAX} bytes")


def check_budget(share: float) -> None:
    """Raise MemscopeError unless it is 0, for none, or a share of time up to 1."""
    if not 0 <= share <= 1 or 0 < share < 1e-6:
        raise MemscopeError(f"a budget is a share of time from 0.000001 to 1, and {share} is none")


def distance_of(sample_bytes: int, budget: float) -> int:
    """The mean distance between samples; with a budget there is one, for when it is passed."""
    return BUDGET_SAMPLE_BYTES if budget and not sample_bytes else sample_bytes


def ppm_of(share: float) -> int:
    return round(share * 1e6)


def unit_of(sample_bytes: int) -> int:
    """What figures are stored times."""
    from memscope import _recorder

    return _recorder.SAMPLED_UNIT if sample_bytes else 1


def counters_of(drain: Drain, sample_bytes: int) -> dict[str, int]:
    """A drain's counts and bytes, up to its last poll; estimates where it samples."""
    unit = unit_of(sample_bytes)
    return {name: value // unit for name, value in drain.stats().items()}
