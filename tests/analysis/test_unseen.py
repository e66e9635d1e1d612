"""What was not tracked, by owner, and what else a capture does not tell."""

from __future__ import annotations

from pathlib import Path

import pytest
from capture import captures, writer
from capture.captures import MAIN
from capture.writer import CaptureWriter

import memscope
from memscope.analysis.resident import resident_of
from memscope.analysis.timeline import memory_over_time
from memscope.analysis.unseen import Unseen, unseen_of
from memscope.capture import Capture
from memscope.reports.unseen import owners_texts, unseen_document

MIB = 1 << 20
SMALL = [("library", "libpython3.12.so.1.0", 6 * MIB), ("stack", "", MIB)]


def program(
    parts: list[tuple[str, str, int]],
    *,
    live: int,
    before: int = 12 * MIB,
    shared: int = 7 * MIB,
    own: int = 0,
    arenas: int = 0,
    pooled: int = 0,
    **meta: object,
) -> CaptureWriter:
    """A program at its peak, made of `parts`; `live` bytes are tracked."""
    made = CaptureWriter(**meta)
    made.site([MAIN], size=MIB, count=live // MIB)
    total = sum(size for _, _, size in parts)
    memscopes = own + sum(size for kind, _, size in parts if kind == "memscope")
    made.exit = {"status": 0, "peak_resident_bytes": total}
    made.sample(1000, (0, 0, live), resident=total, own=memscopes)
    made.end.update(before_resident_bytes=before, before_shared_bytes=shared)
    made.look(
        parts, time_ns=1000, live_bytes=live, own_bytes=own, arena_bytes=arenas, pooled_bytes=pooled
    )
    return made


def seen(capture: Capture) -> Unseen:
    return unseen_of(capture, resident_of(capture, memory_over_time(capture)))


def owners(unseen: Unseen) -> dict[str, int]:
    return {f"{o.origin} {o.name}".strip(): round(o.size_bytes / MIB) for o in unseen.owners}


def test_parts_sum_to_what_was_resident(tmp_path: Path) -> None:
    parts = [
        *SMALL,
        ("heap", "", 3 * MIB),
        ("anonymous", "", 200 * MIB),
        ("library", "torch/lib/libtorch_cpu.so", 210 * MIB),
        ("file", "model.bin", 50 * MIB),
        ("shared", "psm_1234", 20 * MIB),
        ("memscope", "", 4 * MIB),
    ]
    made = program(parts, live=100 * MIB, own=2 * MIB, arenas=30 * MIB, pooled=20 * MIB)
    unseen = seen(captures.load(made, tmp_path))
    assert owners(unseen) == {
        "code torch/lib/libtorch_cpu.so": 210,
        "native": 86,
        "mapping model.bin": 50,
        "shared psm_1234": 20,
        "pymalloc free": 10,
        "code libpython3.12.so.1.0": 6,
        "before": 5,
        "stacks": 1,
    }
    assert unseen.resident_bytes == 488 * MIB
    assert unseen.size_bytes == 388 * MIB == unseen.resident_bytes - 100 * MIB
    assert unseen.likely == ("torch",)


def test_memory_from_before_the_recording_has_that_name(tmp_path: Path) -> None:
    made = program([*SMALL, ("anonymous", "", 120 * MIB)], live=3 * MIB, before=123 * MIB)
    made.exit = None
    unseen = seen(captures.load(made, tmp_path))
    assert owners(unseen)["before"] == 116
    assert owners_texts(unseen)[0] == "116 MiB from before the recording"
    assert not unseen.likely, "no library is loaded that could own any of it"
    assert [reason.kind for reason in unseen.reasons] == ["untracked"]


def test_what_no_known_library_can_own_is_given_to_none(tmp_path: Path) -> None:
    made = program([*SMALL, ("anonymous", "", 310 * MIB)], live=2 * MIB)
    unseen = seen(captures.load(made, tmp_path))
    assert owners(unseen)["native"] == 303
    assert owners_texts(unseen)[0] == "303 MiB native"


@pytest.mark.parametrize(
    ("names", "likely"),
    [
        (["numpy/_core/_multiarray_umath.so", "numpy.libs/libscipy_openblas64_.so"], ("numpy",)),
        (["pandas/_libs/lib.so", "pyarrow/libarrow.so.1800"], ("pandas", "pyarrow")),
        (["libarrow.so.1800"], ("libarrow",)),
        (["lxml/etree.cpython-312-x86_64-linux-gnu.so"], ("lxml",)),
        (["libcrypto.so.3", "_json.cpython-312-x86_64-linux-gnu.so", "numpyish/x.so"], ()),
    ],
)
def test_loaded_libraries_are_likely_owners(
    tmp_path: Path, names: list[str], likely: tuple[str, ...]
) -> None:
    parts = [("anonymous", "", 200 * MIB), *(("library", name, MIB) for name in names)]
    unseen = seen(captures.load(program(parts, live=2 * MIB), tmp_path))
    assert unseen.likely == likely
    told = owners_texts(unseen)[0]
    assert (f"likely {', '.join(likely)} (loaded)" in told) if likely else ("likely" not in told)


def test_what_was_never_touched_leaves_nothing_negative(tmp_path: Path) -> None:
    made = program([*SMALL, ("anonymous", "", 20 * MIB)], live=500 * MIB)
    unseen = seen(captures.load(made, tmp_path))
    assert owners(unseen) == {"code libpython3.12.so.1.0": 6, "stacks": 1}
    assert not unseen.reasons


def test_a_small_program_is_seen_although_the_interpreter_is_larger(tmp_path: Path) -> None:
    made = program([*SMALL, ("anonymous", "", 9 * MIB)], live=2 * MIB)
    assert not seen(captures.load(made, tmp_path)).reasons


def test_most_must_be_tracked(tmp_path: Path) -> None:
    for live, clear in ((80, True), (40, False)):
        parts = [*SMALL, ("anonymous", "", 125 * MIB)]
        unseen = seen(captures.load(program(parts, live=live * MIB), tmp_path))
        assert (not unseen.reasons) == clear, live


def test_room_in_arenas_is_no_blind_spot(tmp_path: Path) -> None:
    parts = [*SMALL, ("anonymous", "", 125 * MIB)]
    made = program(parts, live=20 * MIB, arenas=110 * MIB, pooled=15 * MIB)
    unseen = seen(captures.load(made, tmp_path))
    assert owners(unseen)["pymalloc free"] == 95
    assert not unseen.reasons


def test_imports_that_were_left_out_are_not_called_native(tmp_path: Path) -> None:
    made = program([("anonymous", "", 90 * MIB)], live=2 * MIB, imports=False)
    assert "native" not in owners(seen(captures.load(made, tmp_path)))


def test_everything_else_that_was_not_seen_is_a_reason(tmp_path: Path) -> None:
    parts = [*SMALL, ("anonymous", "", 125 * MIB)]

    def kinds(made: CaptureWriter) -> list[str]:
        return [reason.kind for reason in seen(captures.load(made, tmp_path)).reasons]

    made = program(parts, live=110 * MIB)
    assert kinds(made) == []
    made.end["processes"] = {"forked": 3, "followed": 1, "spawned": 1, "list": []}
    assert kinds(made) == ["processes"]
    made = program(parts, live=110 * MIB)
    made.end["dropped_events"] = 17
    assert kinds(made) == ["dropped"]
    made = program(parts, live=110 * MIB)
    made.end["complete"] = False
    assert kinds(made) == ["partial"]
    made = program(parts, live=110 * MIB, mode="sampled", sample_bytes=16 * MIB)
    assert kinds(made) == ["sampled"]
    made = program(parts, live=110 * MIB, mode="sampled", sample_bytes=MIB // 2)
    assert kinds(made) == []


def test_a_capture_without_looks_still_says_how_much(tmp_path: Path) -> None:
    """As made by an earlier version, or of a program that was over at once."""
    made = program([("anonymous", "", 300 * MIB)], live=20 * MIB, before=0, shared=0)
    made.looks.clear()
    unseen = seen(captures.load(made, tmp_path))
    assert owners(unseen) == {"unexplained": 280}
    assert [reason.kind for reason in unseen.reasons] == ["untracked"]


def test_where_nothing_was_measured_nothing_is_known(tmp_path: Path) -> None:
    made = CaptureWriter()
    made.site([MAIN])
    made.exit = None
    unseen = seen(captures.load(made, tmp_path))
    assert unseen.size_bytes is None
    assert [reason.kind for reason in unseen.reasons] == ["unmeasured"]
    assert unseen_document(unseen)["resident_bytes"] is None


def test_a_cut_capture_is_a_reason(tmp_path: Path) -> None:
    path = tmp_path / "cut.mscope"
    path.write_bytes(captures.shop().build(without=[writer.END, writer.EXIT]))
    with memscope.load(path) as capture:
        assert seen(capture).reasons[0].kind == "partial"
