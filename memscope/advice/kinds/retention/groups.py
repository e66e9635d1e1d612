"""Lines that grow like a leak's, by what holds their blocks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import accumulate

from memscope.advice.context import Context
from memscope.advice.evidence.lines import UserLine
from memscope.advice.evidence.trends import Trend, growth_of
from memscope.advice.kinds.pools.recognition import is_pool_frame
from memscope.advice.kinds.retention.ends import grew_to_end, outlived_functions, rises_to_end
from memscope.advice.kinds.retention.retainers import (
    Retainer,
    describe,
    nobody,
    retainer_of,
    retainer_when_ended,
)
from memscope.advice.kinds.retention.tables import POINTER_BYTES, Place, StoreTables, place_of
from memscope.advice.model import GrowingLine
from memscope.advice.policy import Leak
from memscope.advice.program.container_uses import keeps_only_plain
from memscope.advice.program.containers import stored_in
from memscope.plain import dataclass, replace


@dataclass(frozen=True, slots=True)
class Member:
    """A line that grows, how, and what holds its blocks."""

    line: UserLine
    trend: Trend
    retainer: Retainer


class Group:
    """Lines whose blocks one retainer holds: that of the first."""

    def __init__(self, members: Iterable[Member]) -> None:
        self.members = list(members)

    @property
    def first(self) -> Member:
        return self.members[0]

    @property
    def retainer(self) -> Retainer:
        return self.first.retainer

    @property
    def heaviest(self) -> Member:
        """The member that grew most."""
        return max(self.members, key=lambda member: member.trend.grown_bytes)

    @property
    def grown_bytes(self) -> float:
        return sum(member.trend.grown_bytes for member in self.members)

    @property
    def lines(self) -> list[UserLine]:
        return [member.line for member in self.members]


class GrowingGroups:
    """The groups of lines that grow, by where what holds them is filled.

    `live` are lines that grew to the end and are live there; `stopped` are those whose growth ended
    before.
    """

    def __init__(self, context: Context, tables: StoreTables) -> None:
        self.by_place: dict[Place, Group] = {}
        self.live: list[GrowingLine] = []
        self.stopped: list[tuple[UserLine, Trend]] = []
        self._context = context
        self._tables = tables
        # Against allocations and not time: a machine that stands still for a moment does not change
        # them. Not against releases: those of the program's end are no part of what it does.
        windows = context.history.windows
        self._progress = list(accumulate(window.allocations for window in windows))
        for line in context.lines:
            live_bytes = (window.live_bytes for window in context.history.of(line))
            if max(live_bytes, default=0.0) >= Leak.least_live_bytes:
                self._look_at(line)
        self._merge_callers()
        self._add_stores()

    def _look_at(self, line: UserLine) -> None:
        context, least = self._context, least_grown(self._context)
        over_time = context.history.live_over_time(line)
        trend = growth_of(over_time, self._progress)
        if trend is None:
            if line.blocks.live_bytes >= least and rises_to_end(context, over_time):
                self.live.append(GrowingLine(line.frame, line.blocks.live_bytes))
            return
        if not trend.steady:
            if trend.grown_bytes >= least and not trend.dropped:
                self.stopped.append((line, trend))
            return
        stays = line.blocks.live_bytes >= Leak.least_stayed_share * trend.grown_bytes and (
            trend.grown_bytes >= least
        )
        if stays and grew_to_end(context, trend.until):
            self.live.append(GrowingLine(line.frame, trend.grown_bytes))
        retainer = retainer_of(context, line)
        # What a pool keeps is the business of the kinds about pools.
        if not is_pool_frame(context, retainer.frame):
            member = Member(line, trend, self._real_retainer(line, trend, retainer))
            self._group_at(place_of(member.retainer.frame)).members.append(member)

    def _group_at(self, place: Place) -> Group:
        return self.by_place.setdefault(place, Group(()))

    def _real_retainer(self, line: UserLine, trend: Trend, seen: Retainer) -> Retainer:
        """What holds a line's blocks, where the one that is seen to store them cannot."""
        tables, retainer = self._tables.at(seen.frame), seen
        if seen.has_table and (
            tables is None or _has_let_go(self._context, line, seen, tables.all_bytes)
        ):
            # It stores, but what it stores in does not grow: the blocks are held elsewhere.
            retainer = seen.otherwise or nobody(line)
        if retainer.scope == "local" and outlived_functions(self._context, line, trend):
            return retainer_when_ended(self._context, line, retainer)
        return retainer

    def _merge_callers(self) -> None:
        """Of several lines that call one method to store, the one that alone leaks, or its own."""
        for store in self._tables.shared:
            place = place_of(store.line.frame)
            leaking = [it for it in store.callers if it in self.by_place and it != place]
            if len(leaking) == 1 and leaking[0] in store.of_largest:
                group = self.by_place[leaking[0]]
                if not group.retainer.scope:
                    # The caller does not say what holds it: the method does.
                    retainer = retainer_of(self._context, store.line)
                    retainer = replace(retainer, frame=group.retainer.frame)
                    group.members[0] = replace(group.first, retainer=retainer)
                if place in self.by_place:
                    group.members.extend(self.by_place.pop(place).members)
            elif place in self.by_place:
                for caller in leaking:
                    self.by_place[place].members.extend(self.by_place.pop(caller).members)

    def _add_stores(self) -> None:
        """Lasting containers that store what other lines make, though they hardly grow themselves.

        Only where nobody is seen to hold a line's blocks, and nothing lasting any.
        """
        retainers = [group.retainer for group in self.by_place.values()]
        if all(it.scope for it in retainers) or any(it.lasting for it in retainers):
            return
        context = self._context
        for line in context.lines:
            place, tables = place_of(line.frame), self._tables.at(line.frame)
            statement = None if tables is None else context.statement(line.frame)
            container = None if statement is None else stored_in(statement)
            if tables is None or statement is None or container is None:
                continue
            if place in self.by_place or is_pool_frame(context, line.frame):
                continue
            retainer = describe(context, line.frame, statement, container)
            if retainer.lasting:
                size = tables.largest_bytes
                dropped = (
                    max(line.blocks.live_bytes, tables.kept_bytes) < Leak.least_stayed_share * size
                )
                member = Member(line, Trend(size, 1.0, 1.0, dropped), retainer)
                self.by_place[place] = Group([member])


def least_grown(context: Context) -> float:
    """How many bytes a leak has grown by, at least."""
    share = max(Leak.least_grown_bytes, Leak.least_grown_share * context.whole.peak_bytes)
    return min(share, context.whole.least_peak_bytes)


def _has_let_go(context: Context, line: UserLine, retainer: Retainer, table_bytes: float) -> bool:
    """Whether the program takes out again what it stores: more is live than its table can hold."""
    if not retainer.removes:
        return False
    place = place_of(retainer.frame)
    stores = [line, *(item for item in context.lines if place_of(item.frame) == place)]
    entries = max(_entries(context, item, retainer) for item in stores)
    return entries > table_bytes / POINTER_BYTES


def _entries(context: Context, line: UserLine, retainer: Retainer) -> float:
    """How many of a line's blocks are live for one that it stores each time, at least.

    Of a list that it stores there is one, of its items many: the fewest count.
    """
    if line.frame.function != retainer.frame.function or line.frame.file != retainer.frame.file:
        return 0.0
    measures, totals = context.measures, context.capture.totals
    # Its retainer may be gone at the end.
    ended = measures.live_bytes, measures.live_blocks
    bytes_of, blocks_of = max(
        ended,
        (totals.peak_bytes, totals.peak_blocks),
        key=lambda columns: sum(columns[0][row] for row in line.rows),
    )
    sizes: dict[int, list[float]] = {}
    for row in line.rows:
        made = sizes.setdefault(context.capture.tables.rows.size_class[row], [0.0, 0.0])
        made[0] += bytes_of[row]
        made[1] += blocks_of[row]
    least = Leak.least_part_share * sum(size for size, _ in sizes.values())
    return min((count for size, count in sizes.values() if size >= least), default=0.0)


def with_owners(
    groups: Iterable[Group], tables: StoreTables, *, collector_off: bool
) -> tuple[list[Group], Group | None]:
    """Those that something lasting holds, with what hangs on it; and what nobody is known to hold.

    What grows without a store in sight is held by what is seen to store: it joins that group.
    """
    groups = list(groups)
    lasting = [group for group in groups if group.retainer.lasting]
    owners = [group for group in lasting if _is_owner(group.retainer, tables)]
    # A caller's list is in turn held by something, as are lists of which there are many. Where the
    # collector is off these may well hold each other.
    passed = [
        group
        for group in lasting
        if group not in owners
        and (owners or (collector_off and group.retainer.scope != "argument"))
    ]
    unknown = [group for group in groups if not group.retainer.scope]
    unknown += passed if owners else map(_of_nobody, passed)
    stores = [group for group in groups if group.retainer.scope and group not in passed]
    left = []
    for group in unknown:
        store = _store_for(group, owners or stores, tables)
        if store is None:
            left.append(group)
        else:
            store.members.extend(group.members)
    # Nothing says that there are several retainers: the line that makes most stands for them.
    left.sort(key=lambda group: -group.grown_bytes)
    rest = Group(member for group in left for member in group.members)
    known = [group for group in lasting if group not in passed]
    return known, rest if left else None


def _is_owner(retainer: Retainer, tables: StoreTables) -> bool:
    """Whether it holds for itself, and is not in turn one of many that something holds."""
    return retainer.scope != "argument" and tables.count_at(retainer.frame) < Leak.many_tables


def _of_nobody(group: Group) -> Group:
    return Group(replace(member, retainer=nobody(member.line)) for member in group.members)


def _store_for(group: Group, stores: Sequence[Group], tables: StoreTables) -> Group | None:
    """What can hold a group's lines: the container whose own table is the largest.

    Not what was gone before them.
    """
    able = [
        store
        for store in stores
        if store is not group
        and (not store.first.trend.dropped or group.first.trend.dropped)
        and not _holds_nothing_else(store.retainer)
    ]
    return max(able, key=lambda it: tables.largest_at(it.retainer.frame), default=None)


def _holds_nothing_else(retainer: Retainer) -> bool:
    """Whether all that is stored there is plain: what other lines make cannot hang on it."""
    return retainer.statement is not None and keeps_only_plain(retainer.statement)
