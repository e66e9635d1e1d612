"""All numbers that a verdict turns on, each with its unit, where it is from, and what it means.

A limit is the number itself, so that code compares with it directly. `limits()` lists them, for
those who want to know how much a verdict depends on one: `benchmarks/advice/score.py policy` moves
each by a quarter and counts the verdicts that move with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

# Where a limit is from. "chosen": it parts the labelled programs under `tests/advice` and
# `benchmarks/advice`, and nothing else speaks for it. "measured": timed on CPython 3.11 to 3.13.
# "usual": what others take for such tests. "interpreter", "allocator": CPython or glibc is made so.
# "judgement": what a reader would not want to hear about.
Origin = Literal["chosen", "measured", "usual", "interpreter", "allocator", "judgement"]


class _Named:
    """What a limit says beside its number."""

    name: str
    unit: str
    origin: Origin
    meaning: str

    def __set_name__(self, owner: type, name: str) -> None:
        group = re.sub(r"(?<!^)(?=[A-Z])", "-", owner.__name__).lower()
        self.name = f"{group}.{name}"


class Amount(_Named, float):
    """A limit of bytes, seconds or shares."""

    def __new__(cls, value: float, unit: str, origin: Origin, meaning: str) -> Amount:
        made = super().__new__(cls, value)
        made.unit, made.origin, made.meaning = unit, origin, meaning
        return made


class Count(_Named, int):
    """A limit of things that are counted."""

    def __new__(cls, value: int, unit: str, origin: Origin, meaning: str) -> Count:
        made = super().__new__(cls, value)
        made.unit, made.origin, made.meaning = unit, origin, meaning
        return made


Limit = Amount | Count


class Worth:
    """What any advice has to gain, and can gain."""

    least_cpu_share = Amount(0.01, "share", "judgement", "of the CPU time: less is no gain")
    least_peak_bytes = Amount(1 << 20, "bytes", "judgement", "of the peak: less is no gain")
    least_peak_share = Amount(0.02, "share", "judgement", "of the peak: less is no gain")
    least_told_share = Amount(
        0.005, "share", "judgement", "of what a line holds: less changes no digit that is told"
    )
    most_sure_share = Amount(
        0.25, "share", "measured", "of the CPU time that goes for sure: fixes gained 0.28 to 0.95"
    )
    most_likely_share = Amount(0.75, "share", "measured", "of the CPU time that likely goes")
    least_asked = Count(50, "objects", "usual", "of a line and type, that say something of all")


class Settled:
    """What other advice takes care of."""

    least_share = Amount(0.25, "share", "chosen", "of it that the other advice saves")


class Peak:
    """The peak without some lines."""

    hidden_share = Amount(
        0.7, "share", "chosen", "counts as low of a saving that windows neither prove nor disprove"
    )
    also_changed_share = Amount(
        0.02,
        "share",
        "chosen",
        "by which a change moves what else is allocated: fixes measured within 0.5 %",
    )
    most_callers = Count(32, "frames", "judgement", "of user code up a stack that are looked at")
    mostly_share = Amount(0.9, "share", "chosen", "of a line's bytes that another line had made")
    least_row_bytes = Amount(4096, "bytes", "judgement", "less is no part of what has to change")


class Trends:
    """Growth from window to window, held against the program's events."""

    least_windows = Count(2, "windows", "chosen", "of a run that growth can be told from")
    tail_share = Amount(
        0.15, "share", "chosen", "of the events, at the end, where things are let go"
    )
    falling_share = Amount(0.9, "share", "chosen", "of the most: below, it is on the way down")
    least_span = Amount(0.25, "share", "chosen", "of the events that it grew over")
    least_tau = Amount(0.8, "tau", "usual", "Mann and Kendall's, of growth that is steady")
    least_late_tau = Amount(0.6, "tau", "usual", "the same, in the second half")
    least_slope_ratio = Amount(0.5, "ratio", "chosen", "of the late slope to the early one")
    most_slope_ratio = Amount(8.0, "ratio", "chosen", "what comes all at once, late, is no growth")
    late_share = Amount(0.2, "share", "chosen", "of the way, at its end, that counts as late")
    least_step = Amount(0.005, "share", "chosen", "of all events, between two points")
    let_go_share = Amount(0.5, "share", "chosen", "of the most: below, what held it is gone")
    highest_share = Amount(0.99, "share", "chosen", "of the most that counts as the most")
    least_held_bytes = Amount(4096, "bytes", "judgement", "held by a line that is followed")
    least_allocated_bytes = Amount(65536, "bytes", "judgement", "requested by a line, else")


class Calls:
    """How often a line ran, told from its blocks."""

    least_calls = Count(100, "calls", "judgement", "fewer are not worth counting")
    nearly_whole = Amount(0.02, "share", "chosen", "by which a multiple may miss a whole number")
    most_blocks_each = Count(8, "blocks", "chosen", "of one size that a call makes")


class GrowCopy:
    """Values that are copied whole each time something is added."""

    least_bytes = Amount(1 << 20, "bytes", "judgement", "requested or copied by the line")
    least_links = Count(8, "blocks", "chosen", "of a chain of copies")
    least_classes = Count(6, "size classes", "chosen", "that a chain has climbed through")
    least_link_bytes = Amount(256, "bytes", "measured", "shorter links cost what any object costs")
    least_chained_bytes = Amount(512, "bytes", "interpreter", "of blocks that are no small objects")
    least_copies = Amount(8.0, "times", "chosen", "its largest size that was copied in all")
    most_amortised_copies = Amount(
        20.0, "times", "measured", "its size that growth by an eighth copies: 8 to 9 on lists"
    )
    most_amortised_moves = Amount(
        12.0, "moves", "measured", "for each e-fold of growth by an eighth"
    )
    most_links_live = Count(3, "blocks", "chosen", "of a chain at once")
    most_chained_live = Count(4, "blocks", "chosen", "of a row at once that may be a chain's")
    most_chained_live_share = Amount(0.02, "share", "chosen", "of a row's blocks at once, else")
    most_reallocated_share = Amount(0.5, "share", "chosen", "of a chain's blocks")
    least_copied_live_share = Amount(
        0.9, "share", "chosen", "of the copied bytes that were there yet"
    )
    least_remapped_bytes = Amount(
        128 << 10, "bytes", "allocator", "of blocks that move by being mapped elsewhere, uncopied"
    )
    most_rate_ratio = Amount(
        3.0,
        "ratio",
        "chosen",
        "of blocks between size classes: steady growth passes each by its width",
    )
    most_step_of_tables = Amount(
        3.0, "ratio", "interpreter", "of a table of hashes to the one before"
    )
    least_moves_in_place = Count(100, "moves", "judgement", "of what grew in place and is told so")


class Chunk:
    """What is held whole though it is gone through once."""

    least_bytes = Amount(1 << 20, "bytes", "judgement", "at the peak")
    least_peak_share = Amount(0.2, "share", "chosen", "of the peak, with what is made of it")
    least_line_share = Amount(0.05, "share", "chosen", "of the peak, for the line by itself")
    least_list_bytes = Amount(4 << 20, "bytes", "judgement", "of a list that could be a generator")
    piece_bytes = Amount(
        64 << 10, "bytes", "measured", "of a piece: 1.9 times as fast as the whole"
    )
    least_block_bytes = Amount(32 << 10, "bytes", "chosen", "of the largest block of what is whole")
    least_released = Amount(0.5, "share", "chosen", "of its blocks: else it is kept")
    gone_share = Amount(0.1, "share", "chosen", "of a list that is live after it")
    kept_share = Amount(0.5, "share", "chosen", "of its items that are live then: they are kept")
    most_stacks = Count(100, "stacks", "judgement", "of a line whose callers are looked at")


class Compact:
    """Many small objects of one shape."""

    least_rows = Count(10_000, "objects", "judgement", "of one shape at the peak")
    least_peak_share = Amount(0.05, "share", "chosen", "of the peak that another shape saves")
    sure_share = Amount(0.85, "share", "measured", "of the saving that counts as low")
    same_count_share = Amount(
        0.25, "share", "chosen", "by which two counts of one thing may differ"
    )
    least_headers_bytes = Amount(
        63, "bytes", "interpreter", "of headers of dictionaries, on average"
    )
    least_bodies_share = Amount(0.9, "share", "chosen", "of instances whose object was counted")
    least_numbers = Count(50_000, "numbers", "judgement", "in one list at the peak")
    most_table_ratio = Amount(
        1.5, "ratio", "interpreter", "of a list's room to its items: it grows by an eighth"
    )
    least_tuples = Count(50_000, "tuples", "judgement", "in one list at the peak")
    most_fields = Count(8, "fields", "judgement", "of tuples that columns can stand for")
    least_numbers_in_row = Amount(0.8, "numbers", "chosen", "for each tuple")
    least_source_share = Amount(0.1, "share", "chosen", "of the numbers that a line makes")
    least_keys = Count(50_000, "tuples", "judgement", "that are keys of one table at the peak")
    most_numbers_in_key = Count(4, "numbers", "judgement", "that one number can stand for")


class ReleaseEarly:
    """What a name holds at the peak that nobody reads any more."""

    least_bytes = Amount(1 << 20, "bytes", "judgement", "at the peak")
    large_block_bytes = Amount(64 << 10, "bytes", "chosen", "of a block that a name holds")
    least_peak_share = Amount(0.05, "share", "chosen", "of the peak that it holds")
    least_saved_share = Amount(0.09, "share", "chosen", "of the peak that goes with it")
    most_blocks = Count(4, "blocks", "chosen", "large ones that one name holds")
    most_returns = Count(4, "frames", "judgement", "that what is made is returned through")
    most_calls = Count(4, "calls", "judgement", "of a function that reads an attribute")
    least_kept = Count(1, "exceptions", "judgement", "that hold a name")


class Leak:
    """What is never let go."""

    sure_steps = Count(6, "windows", "chosen", "of a run that a leak is told from for sure")
    sure_steps_by_itself = Count(
        4, "windows", "chosen", "the same, where loaded data would have a holder"
    )
    least_live_bytes = Amount(4096, "bytes", "judgement", "of a line that is looked at")
    least_grown_bytes = Amount(256 << 10, "bytes", "judgement", "that came and stayed")
    least_grown_share = Amount(0.05, "share", "chosen", "of the peak that came and stayed")
    many_tables = Count(16, "tables", "chosen", "so many are of a container each")
    least_part_share = Amount(
        0.05, "share", "chosen", "of a line's bytes: less is no part of each thing that it makes"
    )
    least_stayed_share = Amount(0.5, "share", "chosen", "of what grew that is live at the end")
    least_table_bytes = Amount(512, "bytes", "chosen", "of a container's table")
    many_live = Count(9, "blocks", "chosen", "of one size at once: no tables of one container")
    least_classes = Count(6, "size classes", "chosen", "of what is copied each time and grows")
    least_copied_bytes = Amount(4096, "bytes", "judgement", "of tables that are copied each time")
    same_table_ratio = Amount(4.0, "ratio", "chosen", "by which entries may miss what a table has")
    least_copied_share = Amount(0.5, "share", "chosen", "of the most of a table, in all copies")
    least_rises = Count(4, "windows", "chosen", "of a line that began too late for a trend")
    rising_share = Amount(0.75, "share", "chosen", "of the windows since it began")
    least_wait_s = Amount(1.0, "s", "judgement", "without events that count as waiting")
    waited_share = Amount(0.9, "share", "chosen", "of a time without events that took no CPU")
    moment_share = Amount(0.3, "share", "chosen", "of the time: what came in less is loaded data")
    grew_share = Amount(0.5, "share", "chosen", "of the time: what came before that is loaded data")
    later_share = Amount(0.15, "share", "chosen", "of the time: for so long loaded data is used")
    paced_ratio = Amount(20, "ratio", "chosen", "of the time of growth to all CPU time")
    silent_share = Amount(0.01, "share", "chosen", "of the events that are no use of what was made")
    many_for_one = Count(16, "blocks", "chosen", "of one size for what an attribute holds")
    sure_share = Amount(0.5, "share", "chosen", "of what grew that counts as low")
    most_ratio = Amount(1.7, "ratio", "measured", "of the saving that hangs on to what grew")


class Reuse:
    """Large blocks of one size that come and go."""

    least_bytes = Amount(32 << 10, "bytes", "measured", "of a block that is dear to make")
    least_value_bytes = Amount(
        128 << 10, "bytes", "allocator", "of a value: smaller ones come from memory that is kept"
    )
    least_value_share = Amount(
        0.2, "share", "chosen", "of the peak that the second of two values is"
    )
    least_value_cpu_share = Amount(
        0.03, "share", "chosen", "of the CPU time: how many pages are fresh varies from run to run"
    )
    least_count = Count(16, "blocks", "judgement", "of one size")
    least_released = Amount(0.9, "share", "chosen", "of them that go again")
    most_grown = Amount(0.2, "share", "chosen", "of them that are reallocated")
    one_size_share = Amount(0.9, "share", "chosen", "of the blocks that are of the one size")
    most_live = Count(64, "blocks", "judgement", "at once that a pool would hold")
    most_live_share = Amount(0.05, "share", "chosen", "of the blocks at once, else")
    foreign_share = Amount(0.1, "share", "chosen", "of them that other threads free")
    most_in_turn = Count(2, "blocks", "interpreter", "the new one, and the one that it replaces")
    most_of_several = Count(
        3, "blocks", "chosen", "of several sizes, which need not all have lived together"
    )
    most_owners_share = Amount(
        0.25, "share", "chosen", "of the blocks: they make each anew four times"
    )


class Constructors:
    """Objects that are dear to make, and are made and dropped."""

    least_count = Count(100, "objects", "judgement", "made and dropped")
    least_released = Amount(0.9, "share", "chosen", "of their blocks")
    most_garbage = Count(256, "objects", "interpreter", "in cycles, which wait for the collector")
    most_live_share = Amount(0.05, "share", "chosen", "of the objects at once, else")
    most_alive_share = Amount(0.75, "share", "chosen", "of the objects at once: they are kept")
    most_advised_share = Amount(0.5, "share", "chosen", "of the blocks that other advice is about")
    least_state = Count(8, "objects", "judgement", "in each that change when it is used")
    least_seconds_each = Amount(5e-6, "s", "measured", "to make one: a pool takes 0.5 µs")
    most_levels = Count(3, "levels", "judgement", "of constructors called by constructors")


class OverPooled:
    """Pools that cost more than they save."""

    most_object_bytes = Amount(1024, "bytes", "measured", "of an object that is as fast to make")
    least_idle_bytes = Amount(1 << 20, "bytes", "judgement", "in a pool that may be too large")
    least_objects = Count(8, "objects", "judgement", "in a pool")
    least_idle_ratio = Amount(
        4.0, "ratio", "judgement", "of large objects in a pool to those that can be in use at once"
    )
    least_asked = Count(5000, "times", "judgement", "that a pool is asked")
    notable_bytes = Amount(64 << 10, "bytes", "judgement", "that a pool keeps")
    most_cpu_share = Amount(0.9, "share", "judgement", "of the CPU time that a pool can take")
    least_kept_share = Amount(0.5, "share", "chosen", "of the objects that have a block of a row")


class PoolLeak:
    """Pools that go on making objects."""

    least_objects = Count(50, "objects", "judgement", "that a pool made")
    late_share = Amount(0.1, "share", "chosen", "of them in the second half since the first")
    needless_share = Amount(0.5, "share", "chosen", "of them beyond the most in use at once")
    gone_share = Amount(0.75, "share", "chosen", "at once at most, if some went with their pools")
    most_resized_share = Amount(0.5, "share", "chosen", "of blocks that are objects and no lists")
    most_passing_share = Amount(0.5, "share", "chosen", "of blocks that go at once")
    least_stay_share = Amount(0.5, "share", "chosen", "of the objects that are live at the peak")
    many_sizes = Count(4, "size classes", "chosen", "of objects that do not serve for each other")


class Collections:
    """Time that the cyclic collector takes."""

    least_share = Amount(
        0.2, "share", "measured", "of the time: making objects that stay takes 10 to 20 %"
    )
    least_low_share = Amount(0.15, "share", "chosen", "of the time, at the low end of the estimate")
    least_polls = Count(20, "looks", "usual", "that found it at work")
    least_runs_of_its_own = Count(
        5, "runs", "interpreter", "of the middle generation for one of the oldest: it takes 10"
    )
    least_containers = Count(1000, "objects", "judgement", "of a line that it looks through")
    most_collected_share = Amount(0.2, "share", "chosen", "of them that it frees, where they stay")
    least_stayed_share = Amount(0.3, "share", "chosen", "of them at the peak, where it did not say")


class Garbage:
    """Garbage in cycles that takes memory until the collector comes by."""

    least_collected = Count(
        500, "objects", "measured", "that it freed: asyncio by itself leaves 146, at its end"
    )
    least_bytes = Amount(1 << 20, "bytes", "judgement", "of a line at the peak")
    least_line_share = Amount(0.05, "share", "judgement", "of the peak that a line holds")
    least_peak_share = Amount(0.2, "share", "judgement", "of the peak that such lines hold")
    least_turns = Amount(1.5, "blocks", "chosen", "made for each that lived at once")
    sure_turns = Amount(3.0, "blocks", "chosen", "the same, where the objects are not counted")
    least_ratio = Amount(0.25, "ratio", "measured", "of them to runs that freed: 0.4 to 1.1")
    most_ratio = Amount(3.0, "ratio", "measured", "of them to runs that freed: 0.4 to 1.1")
    least_fall = Amount(0.3, "share", "chosen", "of the most that goes between two windows")
    least_fall_of_counted = Amount(0.15, "share", "chosen", "the same, of counted instances")
    least_freed_share = Amount(
        0.2, "share", "chosen", "of the instances that the line made, that the collector freed"
    )
    least_left = Count(4, "blocks", "judgement", "large ones that calls have left by a cycle")
    likely_share = Amount(0.75, "share", "measured", "of it that goes: 0.55 to 0.95")
    sure_share = Amount(0.5, "share", "measured", "of it that goes: 0.55 to 0.95")


class Native:
    """What C code holds, which the source does not explain."""

    least_bytes = Amount(1 << 20, "bytes", "judgement", "of a line at the peak")
    least_peak_share = Amount(0.1, "share", "judgement", "of the peak that a line's libraries hold")


class ImportCost:
    """Imports that are hardly used."""

    least_bytes = Amount(1 << 20, "bytes", "judgement", "that an import holds at the peak")
    sure_share = Amount(0.7, "share", "chosen", "of it that no other import would bring")
    seconds_each_mib = Amount(
        0.01, "s", "measured", "that an import takes for each MiB that it holds: 0.005 to 0.026"
    )
    least_little_share = Amount(
        0.2, "share", "judgement", "of the peak that an import holds whose code did something"
    )
    most_blocks = Count(2000, "blocks", "judgement", "that its code has allocated: little")
    most_blocks_share = Amount(0.005, "share", "judgement", "of the program's blocks that they are")


class Duplicates:
    """Equal values that are kept many times."""

    least_times = Amount(4.0, "times", "judgement", "that each content is there, on average")
    least_peak_share = Amount(0.05, "share", "judgement", "of the peak that sharing saves")
    dictionary_bytes = Amount(100, "bytes", "interpreter", "of an entry that shares one content")


class OverAllocated:
    """Containers that use little of their room."""

    least_ratio = Amount(
        2.5, "ratio", "interpreter", "of the room to what is needed: tables grow up to twice it"
    )
    least_peak_share = Amount(0.05, "share", "judgement", "of the peak that is not used")
    least_texts_share = Amount(0.95, "share", "chosen", "of the lists that are of characters")
    most_changed_bytes = Amount(
        64 << 10, "bytes", "measured", "of a text of which parts are replaced: a copy takes 6 µs"
    )


class HeldTables:
    """What libraries of tables hold, without what they only map."""

    least_bytes = Amount(1 << 20, "bytes", "judgement", "of a table at the peak")
    least_share = Amount(0.1, "share", "judgement", "of the peak, without mappings")
    piece_share = Amount(0.25, "share", "chosen", "of a table, for a piece and the parser")
    least_other_share = Amount(0.5, "share", "judgement", "of a copy: what it is a copy of has")


class ArenaPinning:
    """Few blocks that hold whole arenas."""

    least_arenas = Count(8, "arenas", "judgement", "beyond those that the blocks need")
    least_ratio = Amount(2.0, "ratio", "judgement", "of the arenas to those that the blocks need")
    most_used_share = Amount(0.1, "share", "chosen", "of what is wasted that a line's blocks take")
    least_pinned_share = Amount(0.3, "share", "chosen", "of what is wasted that they hold together")
    most_sites = Count(6, "lines", "judgement", "that hold the same arenas together")
    most_others_share = Amount(0.1, "share", "chosen", "of the blocks that no free list holds")
    stray_blocks = Count(16, "blocks", "interpreter", "of any one size: bound methods, last keys")
    most_again_share = Amount(0.5, "share", "judgement", "of the peak that is live again later")


GROUPS: tuple[type, ...] = (
    Worth, Settled, Peak, Trends, Calls, GrowCopy, Chunk, Compact, ReleaseEarly, Leak, Reuse,
    Constructors, OverPooled, PoolLeak, Collections, Garbage, Native, ImportCost,
    Duplicates, OverAllocated, HeldTables, ArenaPinning,
)  # fmt: skip


def limits() -> Iterator[tuple[type, str, Limit]]:
    """Each limit, with the class and the name that it is found under."""
    for group in GROUPS:
        for name, value in vars(group).items():
            if isinstance(value, Amount | Count):
                yield group, name, value
