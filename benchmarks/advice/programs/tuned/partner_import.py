# may: chunk
"""Partner catalogue import. Every delivery first goes through the strict
parser; deliveries it refuses are taken again line by line and patched."""
import logging
import random
import zlib
from collections import Counter

log = logging.getLogger("partner")


class Rejected(Exception):
    def __init__(self, partner, line, why):
        super().__init__(f"{partner}: line {line}: {why}")
        self.partner = partner
        self.line = line


class StrictParser:
    def __init__(self, partner):
        self.partner = partner

    def run(self, packed):
        lines = zlib.decompress(packed).decode().split("\n")  # advise: release-early
        width = lines[0].count(";")
        totals = Counter()
        for number, line in enumerate(lines[1:-1], 2):
            if line.count(";") != width:
                raise Rejected(self.partner, number, "wrong number of cells")
            totals[line[:2]] += 1
        return totals


class LenientParser:
    """Streams the delivery and pads or cuts each bad line."""

    def __init__(self, partner):
        self.partner = partner
        self.patched = 0

    def run(self, packed):
        totals = Counter()
        index = {}
        engine, rest, width = zlib.decompressobj(), b"", None
        for at in range(0, len(packed), 16384):
            *lines, rest = (rest + engine.decompress(packed[at:at + 16384])).split(b"\n")
            for line in lines:
                cells = line.split(b";")
                if width is None:
                    width = len(cells)
                    continue
                if len(cells) != width:
                    self.patched += 1
                    cells = (cells + [b""] * width)[:width]
                totals[cells[0][:2].decode()] += 1
                index[cells[1]] = cells[-1]
        return totals, index


class Importer:
    def __init__(self):
        self.refused = []
        self.totals = Counter()
        self.priced = 0
        self.patched = 0

    def take(self, partner, packed):
        try:
            self.totals += StrictParser(partner).run(packed)
        except Rejected as exc:
            log.info("refused: %s", exc)
            self.refused.append(exc)

    def retry(self, deliveries):
        for exc in self.refused:
            lenient = LenientParser(exc.partner)
            totals, index = lenient.run(deliveries[exc.partner])
            self.totals += totals
            self.priced += len(index)
            self.patched += lenient.patched


def delivery(rng, lines, faults):
    bad = set(rng.sample(range(lines // 2, lines), faults))
    out = ["family;sku;colour;price"]
    for i in range(lines):
        row = f"{rng.choice('ABCDE')}{i % 7};SKU{i:07d};{rng.choice(('red', 'grey'))};{rng.randrange(10**5)}"
        out.append(row.replace(";", ",", 1) if i in bad else row)
    return zlib.compress("\n".join(out + [""]).encode(), 1)


def main():
    rng = random.Random(19)
    importer = Importer()
    deliveries = {}
    for n, faults in enumerate((4, 0, 9, 2, 7, 5)):
        partner = f"partner-{n}"
        deliveries[partner] = delivery(rng, 50_000, faults)
        importer.take(partner, deliveries[partner])
    importer.retry(deliveries)
    for exc in importer.refused:
        print(exc)
    print(sorted(importer.totals.items())[:6], importer.priced, importer.patched)


if __name__ == "__main__":
    main()
