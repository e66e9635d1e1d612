"""Captures as an enemy would make them: every checksum is right, and what it covers is not.

A mutant is a harmless capture whose frames were taken apart into their values, changed by a few
mutations and put together again. The same seed gives the same mutant.
"""

from __future__ import annotations

import json
import random
import struct
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from capture import writer
from capture.captures import FIND_AND_LOAD, MAIN, loop, shop
from capture.graphs import with_snapshots
from capture.writer import CaptureWriter
from golden.make import make as golden

Json = dict[str, Any]
MAX_FILE_BYTES = 4 << 20  # what is small and does harm is what counts
MAX_U32, MAX_U64 = (1 << 32) - 1, (1 << 64) - 1
NUMBERS = (
    0, 1, 2, 3, 7, 31, 32, 33, 127, 128, 255, 256, 65535, 65536, 10**6, (1 << 26) - 1, 1 << 26,
    (1 << 31) - 1, 1 << 31, MAX_U32, 1 << 32, 1 << 53, (1 << 53) + 1, (1 << 56) - 1, (1 << 63) - 1,
    1 << 63, MAX_U64 - 1, MAX_U64,
)  # fmt: skip
# What JSON can say and nobody expects; the texts are put in as they are, not as strings.
JSON_TEXTS = (
    "NaN", "Infinity", "-Infinity", "-1", "-0.0", "1e400", "1e308", "5e-324", "0.1", "null", "true",
    "[]", "{}", '""', str(1 << 64), str(MAX_U64), "9" * 4000, "[[[[[]]]]]", "[" * 500 + "]" * 500,
    "[" * 100_000 + "]" * 100_000, '{"obj": {"allocations": -1}}', '[1e999, "x", null]',
)  # fmt: skip
# One of an element and an attribute that no page of ours has: whoever finds it has found a hole.
TAG, ATTRIBUTE = "x-evil", "onevil"
NAMES = (
    f"<{TAG} {ATTRIBUTE}=1>", f'"><{TAG} {ATTRIBUTE}=1>', f"' {ATTRIBUTE}='1",
    f'" {ATTRIBUTE}="1', f"</script><{TAG}>", f"</style><{TAG}>", f"</title><{TAG}>",
    f"--><{TAG}>", f"]]><{TAG}/>", "<!--", "<!--<script>", "<![CDATA[", "<?xml",
    "&lt;b&gt;&amp;&#0;&#x1b;", "javascript:alert(1)", "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>", "\u2028\u2029", "\\u003c", "\x1b[31mred\x1b[0m",
    "\x1b]0;title\x07", "\x1b]8;;http://x\x1b\\y", "\x9b31m", "\x90q\x9c", "\r\noverwritten",
    "\x08\x08\x08", "\x00", "\x7f", "\x85", "\ud800", "\udcff\udc80", "\udbff\udfff",
    "\U0010ffff", "\ufeff", "\u202egnp.exe", "\u2066\u2067", "a" + "\u0301" * 300, "\u200d" * 40,
    "[bold red]x[/]", "[/]", "[link=http://x]y[/link]", ":smile:", "%s%n%d", "{0.__class__}",
    "$title ${table}", "../../../../etc/passwd", "/dev/zero", "/dev/stdin", "/dev/tty",
    "/proc/self/mem", "/proc/self/environ", "=cmd|'/c calc'!A1", "@SUM(1)", ";;;;", "a;b 12 34",
    "", " ", "\n" * 50, "(" * 99, "x" * 5000, "\U0001f469\u200d\U0001f469" * 20, "长" * 300,
    "<frozen importlib._bootstrap>", "<module>", "<string>", "__proto__", "constructor", "-rf",
    "~root", "//host/share", "a" * 256 + "/" + "b" * 256, "/usr/lib/python3.12",
    "/usr/lib/python3.12/site-packages/x.py", "app.py", "/home/me/app/app.py",
)  # fmt: skip
_PREFIXES = {writer.WINDOW: struct.Struct("<7Q"), writer.ARENAS: struct.Struct("<IIQQQ")}
_JSON_KINDS = frozenset({writer.META, writer.END, writer.EXIT, writer.SNAPSHOT})
_NAME_KINDS = frozenset({writer.STRINGS, writer.NAMES})


@dataclass
class Piece:
    """One frame, taken apart: what it holds is in the one of the four that its kind has."""

    kind: int
    version: int = 1
    document: Json | None = None
    names: list[bytes] | None = None
    head: list[int] = field(default_factory=list)
    columns: list[list[int]] | None = None
    raw: bytes = b""
    bend: Callable[[bytes], bytes] | None = None  # applied to the payload, below its checksum
    packed: bool = False

    def payload(self) -> bytes:
        data = self._plain()
        return data if self.bend is None else self.bend(data)

    def _plain(self) -> bytes:
        if self.document is not None:
            return _json_text(self.document)
        if self.names is not None:
            lengths = (struct.pack("<I", len(name)) + name for name in self.names)
            return struct.pack("<I", len(self.names)) + b"".join(lengths)
        if self.columns is not None:
            prefix = _PREFIXES.get(self.kind)
            limits = (
                [MAX_U32, MAX_U32, *[MAX_U64] * 5] if self.kind == writer.ARENAS else [MAX_U64] * 7
            )
            head = [min(value, limit) for value, limit in zip(self.head, limits, strict=False)]
            return (prefix.pack(*head) if prefix else b"") + _table(self.columns)
        return self.raw


@dataclass
class Draft:
    """A mutant that is being made, and what it may name: paths that a reader should not follow."""

    pieces: list[Piece]
    choose: random.Random
    traps: Sequence[str]
    tail: bytes = b""
    done: list[str] = field(default_factory=list)

    def some(self, *, of: Callable[[Piece], bool]) -> Piece | None:
        found = [piece for piece in self.pieces if of(piece)]
        return self.choose.choice(found) if found else None

    def number(self, near: int = 0) -> int:
        choices = (
            self.choose.choice(NUMBERS),
            max(0, near + self.choose.randint(-2, 2)),
            self.choose.getrandbits(self.choose.randint(1, 64)),
        )
        return min(self.choose.choice(choices), MAX_U64)

    def name(self) -> str:
        if self.traps and self.choose.random() < 0.2:
            return self.choose.choice(self.traps)
        names = self.choose.choices(NAMES, k=self.choose.choice((1, 1, 1, 2)))
        return "".join(names)

    def bytes(self) -> bytes:
        if self.choose.random() < 0.1:
            return self.choose.randbytes(self.choose.randint(1, 40))  # mostly no UTF-8
        return self.name().encode("utf-8", "surrogatepass")


def _json_text(document: Json) -> bytes:
    """JSON in which `Literal` values stand as they are."""
    literals: list[str] = []

    def kept(value: Any) -> Any:
        if isinstance(value, Literal):
            literals.append(value.text)
            return f"literal {len(literals) - 1} of these"
        if isinstance(value, dict):
            return {key: kept(item) for key, item in value.items()}
        return [kept(item) for item in value] if isinstance(value, list) else value

    text = json.dumps(kept(document))
    for number, literal in enumerate(literals):
        text = text.replace(f'"literal {number} of these"', literal)
    return text.encode()


@dataclass(frozen=True)
class Literal:
    """A piece of JSON that Python's own writer would not write."""

    text: str


def _table(columns: list[list[int]]) -> bytes:
    count = max(map(len, columns), default=0)
    parts = [_column(column + [0] * (count - len(column))) for column in columns]
    return struct.pack("<IB", min(count, MAX_U32), len(columns)) + b"".join(parts)


def _column(values: list[int]) -> bytes:
    """In one width without exceptions: for long columns, the writer's own search takes too long."""
    if len(values) < 1000:
        return writer.column(values)
    top = max(values)
    width = next(width for width in (1, 2, 4, 8) if top < 1 << (8 * width))
    return struct.pack("<BI", width, 0) + b"".join(v.to_bytes(width, "little") for v in values)


# ---- taking apart -------------------------------------------------------------------------------


def seeds() -> list[list[tuple[int, bytes]]]:
    """Harmless captures that between them hold every kind of frame."""
    events = (writer.EVENTS, writer.table([1, 2], [2, 2], [4096, 4096], [0, 0], [64, 64], [2, 1]))
    exact = shop(events=True).frames()
    exact.insert(-2, events)
    sampled = shop(mode="sampled", sample_bytes=4096).frames()
    return [
        exact, sampled, golden().frames(), CaptureWriter().frames(), with_snapshots(loop()),
        budgeted().frames(), merged().frames(), importing().frames(),
    ]  # fmt: skip


def budgeted() -> CaptureWriter:
    """One that sampled twice, for its budget."""
    made = shop(mode="budget", sample_bytes=4096, budget_ppm=20_000)
    sampled = {"allocations": 256, "allocated_bytes": 2560, "live_bytes": 0, "live_blocks": 0}
    made.end = {
        "wait_ns": 5,
        "budget": {
            "share_ppm": 20_000, "cpu_ns": 1_000_000, "cost_ns": 30_000, "sampled_ns": 500,
            "changes": 3, "switches_ns": [1000, 1500, 2_000_000], "sampled": sampled,
        },
    }  # fmt: skip
    return made


def merged() -> CaptureWriter:
    """One of several captures, each with labels."""
    part = {
        "command": ["app.py"], "pid": 1, "started": 1e9, "labels": {"service": "api", "host": "a"},
        "duration_ns": 2_000_000_000, "complete": True, "allocated_bytes": 10, "live_bytes": 5,
        "peak_bytes": 7,
    }  # fmt: skip
    return shop(parts=[part, {**part, "pid": 2}], labels={"service": "api", "version": "1.4"})


def importing() -> CaptureWriter:
    """One in which modules import each other."""
    made = CaptureWriter(labels={"service": "api"})
    stack = [MAIN]
    for name in ("a", "b", "c"):
        stack += [FIND_AND_LOAD, ("<module>", f"/home/me/app/{name}.py", 1)]
        made.site(stack, size=1000, count=3, live=2)
        made.site([*stack, FIND_AND_LOAD], size=100, count=1, live=1)
    return made


def taken_apart(kind: int, payload: bytes) -> Piece:
    if kind in _JSON_KINDS:
        return Piece(kind, document=json.loads(payload))
    if kind in _NAME_KINDS:
        return Piece(kind, names=_names(payload))
    prefix = _PREFIXES.get(kind)
    head = list(prefix.unpack_from(payload)) if prefix else []
    columns = _columns(payload[prefix.size if prefix else 0 :])
    return Piece(kind, head=head, columns=columns)


def _names(payload: bytes) -> list[bytes]:
    (count,) = struct.unpack_from("<I", payload)
    names, offset = [], 4
    for _ in range(count):
        (length,) = struct.unpack_from("<I", payload, offset)
        names.append(payload[offset + 4 : offset + 4 + length])
        offset += 4 + length
    return names


def _columns(payload: bytes) -> list[list[int]]:
    count, number = struct.unpack_from("<IB", payload)
    columns, offset = [], 5
    for _ in range(number):
        width, exceptions = struct.unpack_from("<BI", payload, offset)
        offset += 5
        body = payload[offset : offset + width * count]
        column = [0] * count
        if width:
            column = [
                int.from_bytes(body[at : at + width], "little") for at in range(0, len(body), width)
            ]
        offset += width * count
        for index, value in struct.iter_unpack("<IQ", payload[offset : offset + 12 * exceptions]):
            column[index] = value
        offset += 12 * exceptions
        columns.append(column)
    return columns


# ---- mutations ----------------------------------------------------------------------------------


def _is_table(piece: Piece) -> bool:
    return bool(piece.columns) and any(piece.columns or ())


def change_values(draft: Draft) -> None:
    """References to nothing, circles, huge counters: a few values of one table."""
    if piece := draft.some(of=_is_table):
        assert piece.columns is not None
        for _ in range(draft.choose.randint(1, 4)):
            column = draft.choose.choice(piece.columns)
            if column:
                column[draft.choose.randrange(len(column))] = draft.number(len(column))


def fill_column(draft: Draft) -> None:
    """One value all over a column: all huge, all nothing, all the same parent."""
    if piece := draft.some(of=_is_table):
        assert piece.columns is not None
        place = draft.choose.randrange(len(piece.columns))
        value = draft.number(len(piece.columns[place]))
        piece.columns[place] = [value] * len(piece.columns[place])


def change_head(draft: Draft) -> None:
    """Times that run backwards, windows of no or endless length, more live than there was."""
    if piece := draft.some(of=lambda piece: bool(piece.head)):
        for _ in range(draft.choose.randint(1, 3)):
            piece.head[draft.choose.randrange(len(piece.head))] = draft.number()


def turn_times(draft: Draft) -> None:
    windows = [piece for piece in draft.pieces if piece.kind == writer.WINDOW]
    for piece in windows:
        piece.head[0], piece.head[1] = piece.head[1], piece.head[0]


def change_names(draft: Draft) -> None:
    if piece := draft.some(of=lambda piece: bool(piece.names)):
        assert piece.names is not None
        for place in range(len(piece.names)):
            if draft.choose.random() < 0.5:
                piece.names[place] = draft.bytes()


def enormous_names(draft: Draft) -> None:
    if piece := draft.some(of=lambda piece: bool(piece.names)):
        assert piece.names is not None
        size = draft.choose.choice((4096, (1 << 16) - 4, 1 << 16, (1 << 16) + 1, 1 << 20))
        text = draft.choose.choice((b"x", b"/", b"<", b"\x1b", b"\xf0\x9f\x98\x80", b"\n", b"%"))
        for place in draft.choose.sample(range(len(piece.names)), min(3, len(piece.names))):
            piece.names[place] = text * (size // len(text))


def change_description(draft: Draft) -> None:
    """META, EXIT and END say what no recorder says."""
    if piece := draft.some(of=lambda piece: bool(piece.document)):
        assert piece.document is not None
        for _ in range(draft.choose.randint(1, 5)):
            within = piece.document
            key = draft.choose.choice(list(within))
            while isinstance(within[key], dict) and within[key] and draft.choose.random() < 0.7:
                within = within[key]
                key = draft.choose.choice(list(within))
            within[key] = _odd(draft, within[key])


def _odd(draft: Draft, before: Any) -> Any:
    if isinstance(before, list) and before and draft.choose.random() < 0.5:
        return [_odd(draft, item) for item in before]
    wanted: Callable[[], Any] = draft.choose.choice(
        (
            draft.number,
            draft.name,
            lambda: Literal(draft.choose.choice(JSON_TEXTS)),
            lambda: [draft.name() for _ in range(draft.choose.randint(0, 5))],
            lambda: {draft.name(): draft.number()},
            lambda: draft.choose.random() * 1e300,
        )
    )
    return wanted()


def drop_frames(draft: Draft) -> None:
    for _ in range(draft.choose.randint(1, 3)):
        if len(draft.pieces) > 1:
            draft.pieces.pop(draft.choose.randrange(len(draft.pieces)))


def repeat_frame(draft: Draft) -> None:
    """The same block again and again."""
    place = draft.choose.randrange(len(draft.pieces))
    times = draft.choose.choice((1, 2, 3, 50, 3000))
    draft.pieces[place:place] = [draft.pieces[place]] * times


def swap_frames(draft: Draft) -> None:
    left, right = (draft.choose.randrange(len(draft.pieces)) for _ in range(2))
    pieces = draft.pieces
    pieces[left], pieces[right] = pieces[right], pieces[left]


def unknown_frame(draft: Draft) -> None:
    kind = draft.choose.choice((0, 18, 99, 65535, draft.choose.randint(1, 17)))
    version = draft.choose.choice((0, 1, 2, 0x7FFF))
    raw = draft.choose.randbytes(draft.choose.choice((0, 3, 40, 5000)))
    draft.pieces.insert(
        draft.choose.randrange(len(draft.pieces) + 1), Piece(kind, version, raw=raw)
    )


def bend_payload(draft: Draft) -> None:
    """A payload whose bytes were changed before its checksum was taken."""
    piece = draft.choose.choice(draft.pieces)
    seed = draft.choose.random()

    def bent(data: bytes) -> bytes:
        choose, changed = random.Random(seed), bytearray(data)
        for _ in range(choose.randint(1, 4)):
            if changed:
                changed[choose.randrange(len(changed))] = choose.randrange(256)
        if choose.random() < 0.3:
            del changed[choose.randrange(len(changed) + 1) :]
        return bytes(changed)

    piece.bend = bent


def claim_count(draft: Draft) -> None:
    """A table, or a name, that says that it is larger than it is."""
    piece = draft.choose.choice(draft.pieces)
    prefix = _PREFIXES.get(piece.kind)
    place = prefix.size if prefix else 0
    claimed = struct.pack("<I", min(draft.number(len(piece.names or ())), MAX_U32))
    piece.bend = lambda data: data[:place] + claimed + data[place + 4 :]


def deep_stack(draft: Draft) -> None:
    """A chain of calls without an end in sight, with rows at many depths of it."""
    nodes = draft.some(of=lambda piece: piece.kind == writer.NODES)
    rows = draft.some(of=lambda piece: piece.kind == writer.ROWS)
    if nodes is None or rows is None or not nodes.columns or not rows.columns:
        return
    if len(nodes.columns) < 3 or len(rows.columns) < 3:
        return
    first = sum(len(p.columns[0]) for p in draft.pieces if p.kind == writer.NODES and p.columns)
    depth = draft.choose.choice((1000, 20_000, 100_000))
    nodes.columns[0] += [1] * depth
    nodes.columns[1] += [1] * depth
    nodes.columns[2] += [draft.choose.choice((0, 7))] * depth
    step = draft.choose.choice((1, 10, depth))
    ids = list(range(first + 1, first + depth, step))
    for column, values in zip(rows.columns, (ids, [2] * len(ids), [4] * len(ids)), strict=False):
        column.extend(values)
    for piece in draft.pieces:
        if piece.kind == writer.TOTALS and piece.columns:
            for column in piece.columns:
                column.extend([3] * len(ids))
            break


def wide_table(draft: Draft) -> None:
    """A hundred thousand entries where there were ten."""
    if piece := draft.some(of=_is_table):
        assert piece.columns is not None
        for place, column in enumerate(piece.columns):
            if column:
                times = -(-draft.choose.choice((1000, 30_000)) // len(column))
                piece.columns[place] = column * times


def bomb(draft: Draft) -> None:
    """Much in few bytes: packed frames that hold up to 64 MiB of the same."""
    kind = draft.choose.choice((*range(1, 25), 99))
    size = draft.choose.choice((1 << 20, 60 << 20, 64 << 20))
    claimed = draft.choose.choice((size, size, size, size + 1, 0, MAX_U32))
    fill = draft.choose.choice((b"\0", b"\1", b" ", b"["))
    body = fill * size
    if draft.choose.random() < 0.7:
        body = _cheap_table(draft, kind, size)
    stored = struct.pack("<I", claimed if len(body) == size else len(body)) + zlib.compress(body, 1)
    piece = Piece(kind, version=0x8001, raw=stored)
    place = draft.choose.randrange(len(draft.pieces) + 1)
    draft.pieces[place:place] = [piece] * draft.choose.choice((1, 1, 2, 20))


def _cheap_table(draft: Draft, kind: int, size: int) -> bytes:
    """As many entries as fit; the widths that matter least are zero."""
    if kind in _NAME_KINDS:
        count = size // 5 - 1
        return struct.pack("<I", count) + (struct.pack("<I", 1) + b"x") * count
    number = {
        writer.TOTALS: 16,
        writer.TIMELINE: 8,
        writer.GROWTH: 7,
        writer.EVENTS: 6,
        writer.OBJECTS: 6,
        writer.REFERENCES: 2,
    }.get(kind, 5)
    prefix = _PREFIXES.get(kind)
    start = prefix.pack(*[1] * (7 if kind == writer.WINDOW else 5)) if prefix else b""
    count = size - len(start) - 5 - 5 * number
    wide = draft.choose.randrange(number)
    value = draft.choose.choice((b"\0", b"\1"))
    body = b"".join(
        struct.pack("<BI", 1, 0) + value * count if place == wide else struct.pack("<BI", 0, 0)
        for place in range(number)
    )
    return start + struct.pack("<IB", count, number) + body


def pack_frames(draft: Draft) -> None:
    for piece in draft.pieces:
        piece.packed = draft.choose.random() < 0.8


def leave_tail(draft: Draft) -> None:
    draft.tail = draft.choose.choice((b"MSF\x01" * 500, b"\0" * 100, writer.MAGIC, b"x"))


MUTATIONS: tuple[tuple[Callable[[Draft], None], int], ...] = (
    (change_values, 12), (fill_column, 6), (change_head, 4), (turn_times, 1), (change_names, 8),
    (enormous_names, 1), (change_description, 8), (drop_frames, 3), (repeat_frame, 3),
    (swap_frames, 2), (unknown_frame, 2), (bend_payload, 4), (claim_count, 2), (deep_stack, 1),
    (wide_table, 2), (bomb, 1), (pack_frames, 1), (leave_tail, 1),
)  # fmt: skip


def mutant(seed: int, traps: Sequence[str] = ()) -> tuple[bytes, list[str]]:
    """The capture of a seed, and the mutations that it went through."""
    choose = random.Random(seed)
    frames = choose.choice(seeds())
    draft = Draft([taken_apart(kind, payload) for kind, payload in frames], choose, traps)
    makers, weights = zip(*MUTATIONS, strict=True)
    for make in choose.choices(makers, weights, k=choose.choice((1, 2, 2, 3, 4, 6))):
        make(draft)
        draft.done.append(make.__name__)
    return _file(draft), draft.done


def _file(draft: Draft) -> bytes:
    parts, known = [writer.MAGIC], {}
    size = 0
    for sequence, piece in enumerate(draft.pieces):
        stored = known.get(id(piece))
        if stored is None:
            data = piece.payload()
            version = piece.version
            if piece.packed and not version & 0x8000:
                data = struct.pack("<I", len(data)) + zlib.compress(data, 1)
                version |= 0x8000
            stored = known[id(piece)] = data, version
        size += len(stored[0])
        if size > MAX_FILE_BYTES:
            break
        parts.append(writer.frame(piece.kind, stored[0], sequence, stored[1]))
    return b"".join(parts) + draft.tail
