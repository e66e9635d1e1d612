"""What a recording holds now as Prometheus reads it (text format 0.0.4)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence

from memscope.capture.description import DomainSums, End
from memscope.plain import dataclass
from memscope.recording.memorylimits import MemoryLimit
from memscope.version import __version__

TYPE = "text/plain; version=0.0.4; charset=utf-8"

# Name, kind, help and the counter that it tells.
_COUNTERS = (
    ("live_bytes", "gauge", "Bytes that are live.", "live_bytes"),
    ("live_blocks", "gauge", "Blocks that are live.", "live_blocks"),
    ("allocations_total", "counter", "Calls that allocated a block.", "allocations"),
    ("frees_total", "counter", "Calls that freed a block.", "frees"),
    ("allocated_bytes_total", "counter", "Bytes that were requested.", "allocated_bytes"),
)
_PEAK = ("peak_bytes", "gauge", "Most that was live at one time.", "peak_bytes")

Labels = Mapping[str, str]
Samples = Iterable[tuple[Labels, float]]


@dataclass(frozen=True, slots=True)
class OneChild:
    """A forked child that is recorded: its run summary as JSON, and its resident memory."""

    pid: int
    summary: bytes
    resident_bytes: int


@dataclass(frozen=True, slots=True)
class Now:
    """A recording at one moment; `summary` is its run summary as JSON."""

    summary: bytes
    unit: int  # what sampled figures are stored times
    pid: int
    resident_bytes: int | None
    limits: tuple[MemoryLimit, ...] = ()
    children: tuple[OneChild, ...] | None = None  # None: they are not recorded, or not told of


def metrics(now: Now) -> bytes:
    data = json.loads(now.summary)
    end = End.from_json(data, now.unit)
    lines: list[str] = []
    for name, kind, help_text, samples in _families(now, end, int(data.get("ledger_bytes", 0))):
        found = [f"{name}{_labels(labels)} {_number(value)}" for labels, value in samples]
        if found:
            lines += [f"# HELP {name} {help_text}", f"# TYPE {name} {kind}", *found]
    return ("\n".join(lines) + "\n").encode()


def _estimates(now: Now, end: End) -> bool:
    """Whether figures are estimates; with a budget, once it was passed."""
    return now.unit != 1 if end.budget is None else end.budget.changes > 0


def _families(now: Now, end: End, ledger_bytes: int) -> Iterator[tuple[str, str, str, Samples]]:
    yield (
        "memscope_recording_info",
        "gauge",
        "What is recorded: the process, and whether figures are exact or sampled.",
        [
            (
                {
                    "pid": str(now.pid),
                    "mode": "sampled" if _estimates(now, end) else "exact",
                    "version": __version__,
                },
                1,
            )
        ],
    )
    yield from _by_domain(end.domains)
    yield _one("peak_bytes", "gauge", "Most that was live at one time.", end.sums.peak_bytes)
    if now.resident_bytes is not None:
        text = "Resident memory of the process, with memscope's own part in it."
        yield _one("resident_bytes", "gauge", text, now.resident_bytes)
    if now.limits:
        limits = [({"source": limit.source}, limit.limit_bytes) for limit in now.limits]
        yield "memscope_limit_bytes", "gauge", "Memory that may be taken.", limits
        left = [({"source": x.source}, max(x.limit_bytes - x.used_bytes, 0)) for x in now.limits]
        yield "memscope_headroom_bytes", "gauge", "What is left of the limit.", left
    if now.children is not None:
        ends = [(one, End.from_json(json.loads(one.summary), now.unit)) for one in now.children]
        yield _one("children", "gauge", "Forked children that are recorded now.", len(ends))
        yield from _by_child(ends)
        yield from _with_children(end, ends)
    yield _one(
        "collecting_seconds_total",
        "counter",
        "Time in which the cyclic collector ran, estimated from looks at it.",
        end.collecting_ns / 1e9,
    )
    yield _one(
        "recording_seconds_total", "counter", "Time since recording began.", end.duration_ns / 1e9
    )
    if end.budget is not None:
        kept = end.budget
        text = "Time in which small requests were sampled, as the budget was passed."
        yield _one("sampled_seconds_total", "counter", text, kept.sampled_ns / 1e9)
        text = "CPU time of the program that recording took, estimated."
        yield _one("cost_seconds_total", "counter", text, kept.cost_ns / 1e9)
    yield _one("events_total", "counter", "Events that were recorded.", end.events)
    yield _one("waits_total", "counter", "Times the program waited for memscope.", end.waits)
    yield _one(
        "wait_seconds_total", "counter", "How long it waited for memscope.", end.wait_ns / 1e9
    )
    yield _one(
        "dropped_events_total",
        "counter",
        "Events that were lost: figures are too low unless this is 0.",
        end.dropped_events,
    )
    yield _one(
        "ledger_bytes", "gauge", "What memscope's own counters take, elsewhere.", ledger_bytes
    )


def _by_child(ends: Sequence[tuple[OneChild, End]]) -> Iterator[tuple[str, str, str, Samples]]:
    """Each child by itself; what has ended is told no more."""
    for name, kind, text, field in (*_COUNTERS, _PEAK):
        samples = [({"pid": str(one.pid)}, getattr(end.sums, field)) for one, end in ends]
        yield f"memscope_child_{name}", kind, f"Of a forked child: {text}", samples
    resident = [({"pid": str(one.pid)}, one.resident_bytes) for one, _ in ends]
    text = "Resident memory of a forked child; pages that it shares count in each process."
    yield "memscope_child_resident_bytes", "gauge", text, resident
    dropped = [({"pid": str(one.pid)}, end.dropped_events) for one, end in ends]
    text = "Of a forked child: events that were lost."
    yield "memscope_child_dropped_events_total", "counter", text, dropped


def _with_children(
    end: End, ends: Sequence[tuple[OneChild, End]]
) -> Iterator[tuple[str, str, str, Samples]]:
    """The program and its forked children together."""
    for name, text in (("live_bytes", "Bytes"), ("live_blocks", "Blocks")):
        both = [getattr(each.sums, name) for each in (end, *(one for _, one in ends))]
        yield _one(
            f"all_{name}", "gauge", f"{text} that are live, in all recorded processes.", sum(both)
        )


def _by_domain(domains: Mapping[str, DomainSums]) -> Iterator[tuple[str, str, str, Samples]]:
    for name, kind, text, field in _COUNTERS:
        samples = [({"domain": of}, getattr(sums, field)) for of, sums in domains.items()]
        yield f"memscope_{name}", kind, text, samples


def _one(name: str, kind: str, text: str, value: float) -> tuple[str, str, str, Samples]:
    return f"memscope_{name}", kind, text, [({}, value)]


def _labels(labels: Labels) -> str:
    if not labels:
        return ""
    return "{" + ",".join(f'{name}="{_escaped(text)}"' for name, text in labels.items()) + "}"


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def _number(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else repr(float(value))
