"""Reading surveys of the heap: ARENAS frames, each with the HOLDINGS frames that follow it."""

from __future__ import annotations

import struct
from collections.abc import Callable
from itertools import accumulate, chain

from memscope.capture.format import (
    MAX_SPARSE_ENTRIES,
    MAX_SURVEYS,
    POOL_BYTES,
    POOL_HEADER_BYTES,
    PYMALLOC_CLASSES,
    PYMALLOC_STEP_BYTES,
    Allowance,
    Column,
    FormatError,
    FrameKind,
    read_table,
)
from memscope.capture.frames import Frame, FrameIndex
from memscope.capture.model import Survey

_HEADER = struct.Struct("<IIQQQ")
_COUNTED = 1
_NO_MEMORY = 2
_LARGEST_ARENA_BYTES = 1 << 26
_LARGEST_ADDRESS = 1 << 56
_MOST_BLOCKS = (POOL_BYTES - POOL_HEADER_BYTES) // PYMALLOC_STEP_BYTES

Read = Callable[[Frame], bytes]
Report = Callable[[Frame, str], None]


def read_surveys(
    index: FrameIndex, read: Read, report: Report, *, unit: int, rows: int
) -> tuple[Survey, ...]:
    """Every survey whose ARENAS frame is good; holdings of unknown rows count as unrecorded."""
    found: list[Survey] = []
    pieces: list[list[Column]] = []
    survey: Survey | None = None
    surveys_left, room = Allowance(MAX_SURVEYS), Allowance(MAX_SPARSE_ENTRIES)
    for frame in index.frames:
        if not frame.known or frame.kind not in (FrameKind.ARENAS, FrameKind.HOLDINGS):
            continue
        try:
            if frame.kind == FrameKind.ARENAS:
                if survey is not None:
                    found.append(_with_holdings(survey, pieces))
                survey, pieces = None, []
                surveys_left.take(1)
                survey = _arenas(read(frame), unit)
            elif frame.after_gap or survey is None:
                raise FormatError("the survey that it belongs to is missing")
            else:
                before = pieces[-1][0][-1] if pieces else 0
                piece = _holdings(read(frame), survey, before, rows)
                room.take(len(piece[0]))
                pieces.append(piece)
        except FormatError as error:
            report(frame, str(error))
            if survey is not None:
                found.append(_with_holdings(survey, pieces, whole=False))
                survey = None
    if survey is not None:
        found.append(_with_holdings(survey, pieces))
    return tuple(found)


def _arenas(payload: bytes, unit: int) -> Survey:
    if len(payload) < _HEADER.size:
        raise FormatError("it is too short")
    moment, flags, time_ns, live_bytes, resident_bytes = _HEADER.unpack_from(payload)
    _, (gaps, sizes, older) = read_table(memoryview(payload)[_HEADER.size :], 3)
    addresses = list(accumulate(gaps))
    if max(sizes, default=0) > _LARGEST_ARENA_BYTES or (addresses and not min(gaps)):
        raise FormatError("it has an arena that cannot be one")
    if addresses and addresses[-1] >= _LARGEST_ADDRESS:
        raise FormatError("it has an arena beyond all addresses")
    return Survey(
        moment="low" if moment == 1 else "end",
        counted=bool(flags & _COUNTED),
        whole=not flags & _NO_MEMORY,
        time_ns=time_ns,
        live_bytes=live_bytes if unit == 1 else live_bytes / unit,
        resident_bytes=resident_bytes,
        arena_address=addresses,
        arena_bytes=sizes,
        arena_older=older,
        arena=(),
        pool=(),
        row=(),
        size_class=(),
        blocks=(),
    )


def _holdings(payload: bytes, survey: Survey, before: int, rows: int) -> list[Column]:
    _, (gaps, pool, row, size_class, blocks) = read_table(payload, 5)
    arena = list(accumulate(gaps, initial=before))[1:]
    if arena and arena[-1] >= len(survey.arena_address):
        raise FormatError("it refers to an arena that does not exist")
    sizes = survey.arena_bytes
    if any(number * POOL_BYTES >= sizes[place] for place, number in zip(arena, pool, strict=True)):
        raise FormatError("it refers to a pool outside its arena")
    if max(size_class, default=0) > PYMALLOC_CLASSES or not min(size_class, default=1):
        raise FormatError("it has a size class that pymalloc does not have")
    if max(blocks, default=0) > _MOST_BLOCKS:
        raise FormatError("it has a pool of more blocks than fit into one")
    known = [number if number <= rows else 0 for number in row]
    return [arena, pool, known, size_class, blocks]


def _with_holdings(survey: Survey, pieces: list[list[Column]], *, whole: bool = True) -> Survey:
    columns = [list(chain.from_iterable(column)) for column in zip(*pieces, strict=True)]
    arena, pool, row, size_class, blocks = columns or [[], [], [], [], []]
    return Survey(
        moment=survey.moment,
        counted=survey.counted,
        whole=survey.whole and whole,
        time_ns=survey.time_ns,
        live_bytes=survey.live_bytes,
        resident_bytes=survey.resident_bytes,
        arena_address=survey.arena_address,
        arena_bytes=survey.arena_bytes,
        arena_older=survey.arena_older,
        arena=arena,
        pool=pool,
        row=row,
        size_class=size_class,
        blocks=blocks,
    )
