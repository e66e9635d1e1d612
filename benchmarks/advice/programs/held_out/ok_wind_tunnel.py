"""A relaxation whose samples grow all the way through; they are scaled by the final maximum and written out."""

# forbid: leak grow-copy chunk compact

import csv
import io
import math
import zlib
from array import array


class Probe:
    """Records one number per time step, for as long as the computation lasts."""

    def __init__(self, where):
        self.where = where
        self.samples = array("d")

    def record(self, field):
        self.samples.append(field[self.where])


def relax(field, source, dt):
    last = len(field) - 1
    return [
        value
        if index in (0, last)
        else value + dt * (field[index - 1] - 2 * value + field[index + 1]) + source[index]
        for index, value in enumerate(field)
    ]


def simulate(cells, steps):
    field = [0.0] * cells
    probes = [Probe(where) for where in range(0, cells, 2)]
    for step in range(steps):
        strength = math.sin(step / 40) / 50
        source = [strength if abs(index - cells // 3) < 3 else 0.0 for index in range(cells)]
        field = relax(field, source, 0.3)
        for probe in probes:
            probe.record(field)
    return probes


def report(probes, out):
    ceiling = max(max(probe.samples) for probe in probes)
    writer = csv.writer(out)
    for probe in probes:
        writer.writerow([probe.where, *(f"{value / ceiling:.4f}" for value in probe.samples[::40])])
    return ceiling


def main():
    out = io.StringIO()
    ceiling = report(simulate(80, 24_000), out)
    print(round(ceiling, 6), out.tell(), zlib.crc32(out.getvalue().encode()))


if __name__ == "__main__":
    main()
