"""First-break picks of a seismic survey and the travel-time table made from them."""

import itertools
import math
import struct
import zlib
from array import array

TRACE = struct.Struct("<IHH")
SAMPLES = 2000


def pack_survey(traces: int) -> bytes:
    """A survey as the recorder stores it: traces in order of arrival, a directory at the end."""
    packer = zlib.compressobj(1)
    out, directory, offset = [], [], 0
    quiet = struct.pack("<h", 3)
    for n in range(traces):
        receiver = n * 619 % traces
        first = 200 + receiver * 13 % 900
        wave = struct.pack("<4h", 90, -400, 900, -300)
        body = quiet * first + wave + quiet * (SAMPLES - first - 4)
        out.append(packer.compress(TRACE.pack(receiver, first % 7, SAMPLES) + body))
        directory.append((receiver, offset))
        offset += TRACE.size + len(body)
    directory.sort()
    for receiver, place in directory:
        out.append(packer.compress(struct.pack("<II", receiver, place)))
    out.append(packer.compress(struct.pack("<II", len(directory), offset)))
    out.append(packer.flush())
    return b"".join(out)


def first_break(raw: bytes, place: int) -> int:
    _, _, count = TRACE.unpack_from(raw, place)
    loud = raw.find(struct.pack("<h", 900), place + TRACE.size, place + TRACE.size + 2 * count)
    return (loud - place - TRACE.size) // 2


def travel_times(picks: list[int], depths: int) -> array:
    """Straight-ray travel time from each receiver down to each depth."""
    table = array("d")
    for receiver, pick in enumerate(picks):
        slowness = 1.0 / (1500 + receiver % 700)
        base = pick * 0.002
        table.extend(base + slowness * math.sqrt(64 * d * d + receiver) for d in range(depths))
    return table


def survey_report(packed: bytes) -> str:
    raw = zlib.decompress(packed)  # advise: release-early
    count, start = struct.unpack_from("<II", raw, len(raw) - 8)
    picks = []
    for number in range(count):
        _, place = struct.unpack_from("<II", raw, start + 8 * number)
        picks.append(first_break(raw, place))
    table = travel_times(picks, 1500)
    slowest = max(table)
    spread = sum(itertools.islice(table, 0, None, 997))
    return f"{count} traces, picks {min(picks)}..{max(picks)}, {slowest:.4f} s, {spread:.3f}"


def main() -> None:
    print(survey_report(pack_survey(4000)))


if __name__ == "__main__":
    main()
