"""When growth ended, held against when the program did: loading ends before, a leak does not."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from itertools import pairwise

from memscope.advice.context import Context
from memscope.advice.evidence.history import WindowTimes
from memscope.advice.evidence.lines import UserLine
from memscope.advice.evidence.trends import Trend
from memscope.advice.kinds.retention.retainers import Retainer
from memscope.advice.policy import Leak, Trends
from memscope.advice.program.container_uses import remembers
from memscope.advice.program.containers import stored_in
from memscope.advice.program.walking import walk


def outlived_functions(context: Context, line: UserLine, trend: Trend) -> bool:
    """Whether a line's blocks are live when all functions have ended: no local name holds them.

    The interpreter counts its collections when it ends, after the program's own code: where it did
    and no exception was on its way, which would keep its frames, only a thread can be left within
    a function.
    """
    capture = context.capture
    ended, end = capture.exit, capture.end
    if ended is None or end is None or end.gc_enabled is None or ended.status in (None, 1):
        return False
    if trend.dropped or line.blocks.live_bytes < Leak.least_stayed_share * trend.grown_bytes:
        return False
    stack = context.stacks.heaviest(line.rows, context.measures.live_bytes)
    return bool(stack) and stack[0].function == "<module>" and not _may_be_paused(context, line)


def _may_be_paused(context: Context, line: UserLine) -> bool:
    """Whether a function on the way is a generator or a coroutine, which need not have ended."""
    for _, frame in context.stacks.own(line.node):
        statement = context.statement(frame)
        function = None if statement is None else statement.function
        if function is not None and any(
            isinstance(node, ast.Yield | ast.YieldFrom | ast.Await) for node in walk(function)
        ):
            return True
    return False


def went_on(context: Context, until: int, retainer: Retainer, *, by_itself: bool) -> bool:
    """Whether the program did something else for long after a window.

    To make nothing counts as that: loaded data is often used so. Not the interpreter's end. What a
    function remembers of its answers is not loaded, nor is what nobody holds (`by_itself`) when all
    functions have ended: there it must have been the program itself.
    """
    windows = context.history.windows
    last = windows[-1].last_event
    end_ns = _program_end_ns(context)
    store = retainer.statement
    container = None if store is None else stored_in(store)
    remembers_each = store is not None and container is not None and remembers(store, container)
    until_end = windows[until].last_event >= (1 - Leak.silent_share) * last
    if (remembers_each or by_itself) and until_end:
        end_ns = next(window.end_ns for window in windows if window.last_event == last)
        end_ns = min(end_ns, _program_end_ns(context))
    return windows[until].end_ns < (1 - Leak.later_share) * end_ns


def grew_to_end(context: Context, until: int) -> bool:
    """Whether it was highest first when the program did its last, or shortly before."""
    windows = context.history.windows
    if _was_paced(context, until):
        # Of few events those of the interpreter's end are many.
        end_ns = _program_end_ns(context)
        before = [window for window in windows if window.end_ns < end_ns]
        return _was_at_work(before or windows, windows[until].end_ns)
    at_work = _was_at_work(windows, windows[until].end_ns)
    return at_work and not went_on_for_long(context, until, Leak.moment_share)


def _was_at_work(windows: Sequence[WindowTimes], grew_ns: int) -> bool:
    """Whether next to nothing happened in the windows after that time."""
    last = windows[-1].last_event
    done = next(it for it in windows if it.last_event >= (1 - Leak.silent_share) * last)
    return grew_ns >= (1 - Leak.later_share) * done.end_ns


def _was_paced(context: Context, until: int) -> bool:
    """Whether growth waited for something most of its time, as a service does for requests.

    It took many times what the whole program took of the processors: no loading of data does,
    however long the program idles after it.
    """
    ended = context.capture.exit
    if ended is None or ended.cpu_s <= 0:
        return False
    return context.history.windows[until].end_ns >= Leak.paced_ratio * ended.cpu_s * 1e9


def rises_to_end(context: Context, live: Sequence[float]) -> bool:
    """Whether a line that began too late for a trend rose in nearly each window since.

    It may be data that is loaded to the program's end, or the first part of a leak. Nobody can
    tell, so nobody may say that all is well.
    """
    since = [value for value in live if value > 0]
    rises = sum(after > before for before, after in pairwise([0.0, *since]))
    until = next(
        place for place, value in enumerate(live) if value >= Trends.highest_share * max(live)
    )
    return rises >= max(Leak.least_rises, Leak.rising_share * len(since)) and grew_to_end(
        context, until
    )


def went_on_for_long(context: Context, until: int, share: float = Leak.grew_share) -> bool:
    """Whether the program had all of it in the first part of its time.

    Growth is tested against events. A program that waits has few of them, so that what it loaded
    before may seem to have grown to the end.
    """
    grew_ns = context.history.windows[until].end_ns
    return grew_ns < share * max(_program_end_ns(context), grew_ns)


def _program_end_ns(context: Context) -> int:
    """When the program's own code was last seen at work, or waited.

    The interpreter's end comes after it, and may take as long: it frees what is left, and looks for
    cycles without any event.
    """
    duration_ns, ended, end = context.capture.duration_ns, context.capture.exit, context.capture.end
    if ended is None or end is None or end.gc_enabled is None:
        return duration_ns  # it was still at it
    seen_ns = context.history.last_own_ns
    if end.main_ended_ns and len(context.capture.tables.threads) == 1:
        return max(end.main_ended_ns, seen_ns)
    # Its threads may have gone on, or it ended by sys.exit(), which ends the interpreter at once.
    silent_s = (duration_ns - seen_ns) / 1e9
    waited_s = ended.wall_s - ended.cpu_s
    waits = silent_s >= Leak.least_wait_s and waited_s >= Leak.waited_share * silent_s
    return duration_ns if waits else seen_ns


def collector_is_off(context: Context) -> bool:
    end = context.capture.end
    return end is not None and end.gc_enabled is False
