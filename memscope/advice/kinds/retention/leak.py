"""Lines whose blocks stay: containers that outlive their functions and only grow.

A load that ends is no leak, nor is what a running function collects in a local name. A leak grows
as fast in the second half of the run as in the first, to the end, and what holds it is a module's,
a class's, an instance's or a decorator's.
"""

from __future__ import annotations

from collections.abc import Callable

from memscope.advice.context import Context
from memscope.advice.evidence.lines import UserLine
from memscope.advice.evidence.trends import Trend
from memscope.advice.facts import Fact, assumed, measured, read
from memscope.advice.kinds.declaration import AdviceKind
from memscope.advice.kinds.retention.ends import (
    collector_is_off,
    grew_to_end,
    outlived_functions,
    went_on,
    went_on_for_long,
)
from memscope.advice.kinds.retention.groups import Group, GrowingGroups, least_grown, with_owners
from memscope.advice.kinds.retention.held import held_by_name
from memscope.advice.kinds.retention.letting_go import fix_of
from memscope.advice.kinds.retention.outliving import keeper_of, keeps_tracebacks, runs_once
from memscope.advice.kinds.retention.retainers import Retainer
from memscope.advice.kinds.retention.tables import StoreTables, copied_tables, why_in_a_copy
from memscope.advice.model import Advice, Findings, Fix, Interval, Measure, Rejected
from memscope.advice.policy import Leak, Trends
from memscope.advice.program.afterwards import gone_through_afterwards
from memscope.advice.program.container_uses import remembers
from memscope.advice.program.containers import stored_in
from memscope.advice.program.expressions import code_of
from memscope.advice.program.names import named
from memscope.advice.program.waiting import waits_only_with
from memscope.analysis.units import bytes_text
from memscope.plain import dataclass

NAME = "leak"

PER_ALLOCATIONS = 1e6
# How sure it is, by where the retainer lies: an object may go, a module's own names stay.
_CONFIDENCE = {"global": 0.9, "cache": 0.9, "default": 0.9, "library": 0.9, "": 0.55}
_USUAL_CONFIDENCE = 0.75
_DOUBT = 0.15  # for each that speaks against it


def find(context: Context) -> Findings:
    """Places where memory is kept for good."""
    windows = context.history.windows
    if len(windows) < Trends.least_windows:
        why = f"the run has only {len(windows)} windows: too short to tell a leak from loaded data"
        return Findings(rejected=(Rejected(NAME, None, why),))
    tables = StoreTables(context)
    growing = GrowingGroups(context, tables)
    groups = growing.by_place.values()
    known, unknown = with_owners(groups, tables, collector_off=collector_is_off(context))
    found: list[Advice | Rejected] = [_stopped(context, *item) for item in growing.stopped]
    candidates = known
    if unknown is not None:
        why = "" if known else _why_in_a_copy(context, unknown)
        if why:
            found.append(Rejected(NAME, unknown.retainer.frame, why))
        else:
            candidates = [*known, unknown]
    passing = [group for group in groups if group.retainer.scope and not group.retainer.lasting]
    least = least_grown(context)
    found += [
        _evaluate(context, group) for group in (*candidates, *passing) if group.grown_bytes >= least
    ]
    return Findings.of(found, growing.live)


KIND = AdviceKind(NAME, title="it only grows", precedence=40, find=find)


def _stopped(context: Context, line: UserLine, trend: Trend) -> Rejected:
    weight = min(trend.grown_bytes / context.whole.peak_bytes, 1.0) * 0.4
    return Rejected(NAME, line.frame, "it grows for a while and then stops", weight)


def _why_in_a_copy(context: Context, group: Group) -> str:
    blocks = context.measures.live_blocks
    count = max(blocks[row] for line in group.lines for row in line.rows)
    return why_in_a_copy(count, copied_tables(context))


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A group that may be a leak: the line that grew most, its trend, and what holds the group."""

    context: Context
    group: Group
    line: UserLine
    trend: Trend
    retainer: Retainer
    by_itself: bool  # nobody is seen to hold it, and all functions have ended
    by_tracebacks: bool  # exceptions hold it, by the frames that they came through

    @property
    def may_be_read(self) -> bool:
        """What nobody is seen to hold may well be read; so may what any of many objects has."""
        return not self.by_tracebacks and (
            self.retainer.reads or not self.retainer.scope or self.retainer.of_another
        )

    @property
    def may_come_and_go(self) -> bool:
        """Whether its retainer is for what comes and goes, which is read though it is no load."""
        return self.retainer.is_register or self.retainer.scope == "cache"


def _evaluate(context: Context, group: Group) -> Advice | Rejected:
    heaviest, retainer = group.heaviest, group.retainer
    candidate = _Candidate(
        context,
        group,
        heaviest.line,
        heaviest.trend,
        retainer,
        not retainer.scope and outlived_functions(context, heaviest.line, heaviest.trend),
        retainer.statement is not None and keeps_tracebacks(context, retainer.statement),
    )
    for why_not in _WHY_NOT:
        if why := why_not(candidate):
            weight = min(group.grown_bytes / context.whole.peak_bytes, 1.0) * 0.7
            return Rejected(NAME, retainer.frame, why, weight)
    if group.grown_bytes < context.whole.least_peak_bytes:
        why = f"it grows, but only by {bytes_text(group.grown_bytes)}"
        return Rejected(NAME, retainer.frame, why, 0.2)
    if not retainer.scope and not context.whole.pays(_predicted(candidate)):
        why = "what holds it is not known, and the peak was another moment, without it"
        return Rejected(NAME, retainer.frame, why, 0.2)
    return _advice(candidate)


def _is_local(it: _Candidate) -> str:
    if it.retainer.scope != "local":
        return ""
    return f"{it.retainer.container} is a local name: its data goes when the function ends"


def _is_short(it: _Candidate) -> str:
    least = Leak.sure_steps_by_itself if it.by_itself else Leak.sure_steps
    if it.retainer.scope or it.trend.steps >= least:
        return ""
    return "what holds it is not known, and the run is too short to tell a leak from loaded data"


def _is_the_modules(it: _Candidate) -> str:
    by_module = not it.retainer.scope and it.line.frame.function == "<module>"
    if it.retainer.scope != "module" and not by_module:
        return ""
    return "the module's own code collects it once: most likely data that is loaded and then used"


def _is_dropped(it: _Candidate) -> str:
    if not it.trend.dropped or not it.may_be_read or it.may_come_and_go:
        return ""
    store = it.retainer.statement
    container = None if store is None else stored_in(store)
    if store is not None and container is not None and remembers(store, container):
        return ""  # answers are not loaded, and go with who gives them, at the end
    return "it is read, and what holds it goes before the end: data that is loaded and used"


def _is_made_early(it: _Candidate) -> str:
    if not went_on_for_long(it.context, it.trend.until):
        return ""
    if grew_to_end(it.context, it.trend.until):
        return (
            "it grew as long as the program was at work, which then waited: loaded data, or a leak"
        )
    return "it was made in the first half of the run, and did not grow after that"


def _has_stopped(it: _Candidate) -> str:
    if not it.may_be_read or it.may_come_and_go or it.retainer.scope == "default":
        return ""
    if not went_on(it.context, it.trend.until, it.retainer, by_itself=it.by_itself):
        return ""
    how = "is read" if it.retainer.reads else "has no holder in sight"
    return f"it stopped growing well before the end and {how}: data that is loaded and used"


def _is_a_result(it: _Candidate) -> str:
    store = it.retainer.statement
    container = None if store is None else stored_in(store)
    if store is None or container is None or it.may_come_and_go or it.by_tracebacks:
        return ""
    frames = [frame for _, frame in it.context.stacks.own(it.line.node)]
    path = [statement for frame in reversed(frames) if (statement := it.context.statement(frame))]
    if not gone_through_afterwards(path, container, it.context.sources.loaded()):
        return ""
    return "the program goes through all of it once it is collected: a result"


def _is_kept_by_exceptions(it: _Candidate) -> str:
    held = None if it.retainer.scope else held_by_name(it.context, it.line)
    keeper = None if held is None else keeper_of(it.context, held.node, held.ends_at)
    if held is None or keeper is None:
        return ""
    return f"{held.name} is held by exceptions that line {keeper.frame.line} keeps"


def _waits_for_collector(it: _Candidate) -> str:
    statement = None if it.retainer.scope else it.context.statement(it.line.frame)
    name = "" if statement is None else named(statement)
    if statement is None or not name or collector_is_off(it.context):
        return ""
    by = waits_only_with(statement, name)
    return f"{name} is garbage with {by}, in a cycle: the collector frees it" if by else ""


def _is_of_one_call(it: _Candidate) -> str:
    if it.retainer.scope or collector_is_off(it.context) or not runs_once(it.context, it.line.node):
        return ""
    return "all of it was made while one line of the program ran once: its result, or a part of it"


def _is_the_callers(it: _Candidate) -> str:
    if it.retainer.scope != "argument":
        return ""
    if it.trend.dropped:
        return "its caller's container takes it, and is gone before the program ends"
    if it.retainer.walked and not it.retainer.is_register:
        return "its caller's container takes it, and is gone through: what the program works on"
    return ""


def _is_spare_room(it: _Candidate) -> str:
    store = it.retainer.statement
    container = None if store is None else stored_in(store)
    if store is None or container is None:
        return ""
    roomy = [of.line.frame for of in it.context.worth.roomy() if of.is_mostly_spare]
    for made in filter(None, map(it.context.statement, roomy)):
        held = made.target if made.parents[0] is store.parents[0] else None
        if held is not None and code_of(held) == code_of(container):
            return f"{code_of(held)} needs little of what it holds: things are taken out again"
    return ""


# Each says why something is no leak, or ""; the first that does is heard.
_WHY_NOT: tuple[Callable[[_Candidate], str], ...] = (
    _is_local, _is_short, _is_the_modules, _is_dropped, _is_made_early, _has_stopped,
    _is_the_callers, _is_a_result, _is_kept_by_exceptions, _waits_for_collector,
    _is_of_one_call, _is_spare_room,
)  # fmt: skip


def _advice(it: _Candidate) -> Advice:
    context, retainer, grown = it.context, it.retainer, it.group.grown_bytes
    allocations = max(sum(context.capture.totals.allocations), 1)
    rate = grown / allocations * PER_ALLOCATIONS
    # What stays can only be garbage in cycles, which nobody collects.
    cyclic = not retainer.scope and collector_is_off(context)
    return Advice(
        kind=NAME,
        site=retainer.frame,
        stack=context.stacks.heaviest(it.line.rows, context.capture.totals.peak_bytes),
        summary=(
            f"{_what_grows(it)} grows to the end, by {bytes_text(rate)} for each million"
            f" allocations of the program; {_what_is_released(it, cyclic=cyclic)}"
        ),
        facts=_facts(it, rate),
        predicted=_predicted(it),
        modelled=(
            "growth is measured, in step with what the program allocates; that it would go on as"
            " it did is assumed"
            + ("; that it is in cycles is told from nothing else keeping it" if cyclic else "")
        ),
        cost=(
            "the collector takes its time"
            if cyclic
            else "what is no longer kept must be made again when it is asked for"
        ),
        confidence=_confidence(it),
        fix=_collecting() if cyclic else fix_of(context, retainer),
        covers=tuple(line.frame for line in it.group.lines),
    )


def _facts(it: _Candidate, rate: float) -> tuple[Fact, ...]:
    trend, retainer = it.trend, it.retainer
    live = round(sum(line.blocks.live_blocks for line in it.group.lines))
    of_peak = it.group.grown_bytes / it.context.whole.peak_bytes
    in_sight = retainer.container or "unknown"
    return (
        measured(
            "grown_bytes", "that came and stayed", round(it.group.grown_bytes), "bytes",
            least=Leak.least_grown_bytes,
        ),
        measured("grown_share", "of the peak", of_peak, "share", least=Leak.least_grown_share),
        measured(
            "bytes_per_million_allocations", "for each million allocations of the program", rate,
            "bytes",
        ),
        measured("live_blocks", "of these lines at the end", live, "blocks"),
        measured(
            "tau", "how steadily it grew (Mann and Kendall)", trend.tau, "", least=Trends.least_tau
        ),
        measured(
            "slope_ratio", "how fast late, to early", trend.slope_ratio, "ratio",
            least=Trends.least_slope_ratio, most=Trends.most_slope_ratio,
        ),
        measured(
            "windows", "that it was followed over", trend.steps, "windows",
            least=None if retainer.scope else Leak.sure_steps_by_itself,
        ),
        read("held_by", "what holds it", in_sight, decides=bool(retainer.scope)),
        read("scope", "where that is", retainer.scope or "unknown", decides=bool(retainer.scope)),
        read(
            "gone_through", "whether it is read", "yes" if retainer.reads else "no", decides=False
        ),
        read(
            "taken_out_of", "whether anything is taken out", "yes" if retainer.removes else "no",
            decides=False,
        ),
        assumed("goes_on", "whether it goes on as it did", "yes"),
    )  # fmt: skip


def _predicted(it: _Candidate) -> dict[Measure, Interval]:
    grown, peak = it.group.grown_bytes, it.context.peak
    saving = peak.saving(it.group.lines, grown)
    # The container grows with what it holds, and more may hang on to that than was made here.
    low = min(saving.low, Leak.sure_share * grown)
    high = min(Leak.most_ratio * saving.high, it.context.whole.peak_bytes)
    return {"peak_bytes": Interval(low, saving.value, high)}


def _confidence(it: _Candidate) -> float:
    confidence = _CONFIDENCE.get(it.retainer.scope, _USUAL_CONFIDENCE)
    if it.retainer.removes:
        confidence -= _DOUBT
    if it.trend.steps < Leak.sure_steps:
        confidence -= _DOUBT
    return confidence


def _what_grows(it: _Candidate) -> str:
    if it.retainer.container:
        return f"what {it.retainer.container} holds"
    others = len(it.group.members) - 1
    return f"what this line makes, with {others} more," if others else "what this line makes"


def _what_is_released(it: _Candidate, *, cyclic: bool) -> str:
    told = f"nothing of it is released{' before that' if it.trend.dropped else ''}"
    if cyclic:
        return told + ": nothing is seen to hold it, so it looks cyclic, and the collector is off"
    if not it.retainer.scope:
        return told + ", though no container of the program is seen to hold it"
    return told


def _collecting() -> Fix:
    return Fix(
        "let the collector run, at times that suit the program (gc.collect()), or break the cycles:"
        " an exception is in one where a name of its own traceback's frames holds it",
        "import gc\ngc.enable()",
    )
