"""The rings' protocol, who is at them, and the end of a recording in every interleaving, by spin.

Models can fail: each is broken on purpose, too.

The rings' protocol is checked on the code itself by tests/cext/shared/test_interleavings.c.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

MODEL = Path(__file__).with_name("rings.pml")
PRESENCE = Path(__file__).with_name("presence.pml")
HOLDER = Path(__file__).with_name("holder.pml")
NEEDED = ("spin", "cc")

# What would be wrong, and how it shows.
BROKEN = {
    "the SPSC ring never asks for the MPSC ring": (
        "now_mpsc != mpsc_seen -> push(SYNC, now_mpsc); mpsc_seen = now_mpsc",
        "false",
    ),
    "an event gets lost": (
        "    push(what, 0)\n",
        "    skip\n",
    ),
    "an MPSC event is there before it is filled": (
        "mpsc_head++; claimed = true",
        "mpsc_head++; turn[position % MPSC_SLOTS] = position + 1; claimed = true",
    ),
    "the drain takes MPSC events too early": (
        "mpsc_after[mpsc_position % MPSC_SLOTS] <= position",
        "true",
    ),
    "a full MPSC ring is written over": (
        "limit = mpsc_tail + MPSC_SLOTS",
        "limit = mpsc_tail + MPSC_SLOTS + 1",
    ),
    "a full SPSC ring is written over": ("head - tail < slots;", "true;"),
    "the SPSC ring grows behind an even round": (
        "head % (2 * slots) == slots",
        "head % slots == 0",
    ),
    "the SPSC ring grows within a round": (
        "head % (2 * slots) == slots",
        "head % (2 * slots) >= slots",
    ),
    "the drain looks at how large the SPSC ring is before it looks at what is in it": (
        "        now = head;\n        now_slots = slots;",
        "        now_slots = slots;\n        now = head;",
    ),
}


def verify(model: str, directory: Path) -> str:
    """What spin's verifier says of a model: errors and states."""
    (directory / "model.pml").write_text(model)
    subprocess.run(["spin", "-a", "model.pml"], cwd=directory, check=True, capture_output=True)
    build = ["cc", "-O2", "-w", "-DSAFETY", "-DCOLLAPSE", "-o", "pan", "pan.c"]
    subprocess.run(build, cwd=directory, check=True, capture_output=True)
    done = subprocess.run(
        ["./pan", "-m1000000"], cwd=directory, check=False, capture_output=True, text=True
    )
    assert "max search depth too small" not in done.stdout
    return done.stdout


def errors(said: str) -> int:
    found = re.search(r"errors: (\d+)", said)
    assert found, said
    return int(found[1])


pytestmark = pytest.mark.skipif(
    not all(map(shutil.which, NEEDED)), reason="spin is not here (https://spinroot.com)"
)


def test_every_interleaving(tmp_path: Path) -> None:
    said = verify(MODEL.read_text(), tmp_path)
    assert errors(said) == 0, said
    states = re.search(r"(\d+) states, stored", said)
    assert states
    assert int(states[1]) > 100_000


@pytest.mark.parametrize("how", BROKEN)
def test_a_broken_protocol_is_noticed(tmp_path: Path, how: str) -> None:
    model, (right, wrong) = MODEL.read_text(), BROKEN[how]
    assert right in model
    assert errors(verify(model.replace(right, wrong), tmp_path)) > 0


def test_nobody_is_within_when_all_is_over(tmp_path: Path) -> None:
    said = verify(PRESENCE.read_text(), tmp_path)
    assert errors(said) == 0, said


def test_without_the_barrier_somebody_is(tmp_path: Path) -> None:
    model, barrier = PRESENCE.read_text(), "    flush(1);\n"
    assert barrier in model
    assert errors(verify(model.replace(barrier, ""), tmp_path)) > 0


def test_who_comes_to_the_ring_unasked_holds_the_gil(tmp_path: Path) -> None:
    said = verify(HOLDER.read_text(), tmp_path)
    assert errors(said) == 0, said


# Both are how it was: the state of a thread that took the ring over was taken for one's own.
@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("            thread_pointer = NOBODY;\n", ""),
        (
            "    state = tstate;\n    if\n    :: thread_pointer == _pid ->\n",
            "    if\n    :: thread_pointer == _pid ->\n        state = tstate;\n",
        ),
    ],
)
def test_the_state_is_read_first_and_written_while_nobody_is(
    tmp_path: Path, right: str, wrong: str
) -> None:
    model = HOLDER.read_text()
    assert right in model
    assert errors(verify(model.replace(right, wrong), tmp_path)) > 0
