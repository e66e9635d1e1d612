"""What objects are worth near the peak, against counts that the program makes itself."""

from __future__ import annotations

import json
from pathlib import Path

from end_to_end.recorded import CAPTURE, run_source

from memscope.analysis.measures import Measures
from memscope.capture import load

# Rows of few objects, all of which are asked about. The program counts with no word of memscope's.
PROGRAM = """\
import json, sys, time
COUNT = 400
def made():
    texts = ["host number %d" % (n % 40) for n in range(COUNT)]
    blobs = [b"blob %d" % (n % 7) for n in range(COUNT)]
    pairs = [(n % 30, "x%d" % (n % 5)) for n in range(COUNT)]
    unique = ["only one is %d" % n for n in range(COUNT)]
    shared = [texts[0] for n in range(COUNT)]
    sets = [set(range(n, n + 200)) for n in range(COUNT)]
    for one in sets:
        for item in list(one)[10:]:
            one.discard(item)
    full = [{n: None, n + 1: None} for n in range(COUNT)]
    letters = tuple(list("the quick brown fox %d" % (n + 100)) for n in range(COUNT))
    filler = bytearray(30_000_000) # a new peak
    return texts, blobs, pairs, unique, shared, sets, full, letters, filler
def wait(seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        time.sleep(0.002)
        for number in range(200):
            [number]
kept = made()
wait(1.2)
texts, blobs, pairs, unique, shared, sets, full, letters, filler = kept
print(json.dumps({
    "texts": len(set(texts)), "blobs": len(set(blobs)), "pairs": len(set(pairs)),
    "unique": len(set(unique)),
    "sets": [sum(map(sys.getsizeof, sets)), sum(sys.getsizeof(set(one)) for one in sets)],
    "full": [sum(map(sys.getsizeof, full)), sum(map(sys.getsizeof, map(dict, full)))],
    "letters": [
        sum(map(sys.getsizeof, letters)), sum(sys.getsizeof("".join(one)) for one in letters)
    ],
}))
"""
LINES = {line.split(" = ")[0].strip(): at for at, line in enumerate(PROGRAM.splitlines(), 1)}


def test_a_look_counts_as_the_program_does(tmp_path: Path) -> None:
    told = json.loads(run_source(tmp_path, PROGRAM, "-q").stdout)
    capture = load(tmp_path / CAPTURE)
    assert capture.complete
    values = capture.values
    assert values is not None
    measures = Measures(capture)
    found = {}
    for it in values.valued:
        frame = measures.stacks.frame(measures.row_stacks[it.row])
        found.setdefault((frame.line, capture.tables.types[it.type].name), []).append(it)

    def of(name: str, kind: str) -> tuple[int, int, int, int, int]:
        rows = found[LINES[name], kind]
        columns = [(it.asked, it.distinct, it.texts, it.held_bytes, it.needed_bytes) for it in rows]
        return tuple(map(sum, zip(*columns, strict=True)))  # type: ignore[return-value]

    assert of("texts", "str")[:2] == (400, told["texts"])
    assert of("blobs", "bytes")[:2] == (400, told["blobs"])
    assert of("pairs", "tuple")[:2] == (400, told["pairs"])
    assert of("unique", "str")[:2] == (400, told["unique"])
    assert (LINES["shared"], "str") not in found
    for name, kind, texts in (("sets", "set", 0), ("full", "dict", 0), ("letters", "list", 1)):
        asked, distinct, is_text, held, needed = of(name, kind)
        # A few lie in blocks from before the recording, which no row has.
        assert 390 <= asked <= 400
        assert (distinct, is_text) == (0, texts * asked)
        assert [held * 400, needed * 400] == [size * asked for size in told[name]], name
