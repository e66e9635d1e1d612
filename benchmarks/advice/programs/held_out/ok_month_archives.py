"""Packs a year of journal entries: one compressor for each month, made when its month begins."""

# forbid: pool chunk grow-copy reuse-buffer

import calendar
import json
import random
import zlib


class MonthArchive:
    """A compressor is dear to make, but there are only twelve, and each has state of its own."""

    def __init__(self, year, month):
        self.name = f"{year}-{month:02}"
        self.compressor = zlib.compressobj(level=6)
        self.parts = []
        self.entries = 0
        self.check = 0

    def add(self, entry):
        line = (json.dumps(entry, separators=(",", ":"), sort_keys=True) + "\n").encode()
        self.check = zlib.crc32(line, self.check)
        piece = self.compressor.compress(line)
        if piece:
            self.parts.append(piece)
        self.entries += 1

    def seal(self):
        self.parts.append(self.compressor.flush())
        packed = b"".join(self.parts)
        self.parts.clear()
        return packed


def journal(year, month, rng):
    _, days = calendar.monthrange(year, month)
    for day in range(1, days + 1):
        for number in range(250):
            yield {
                "day": day,
                "no": number,
                "level": rng.choice(["info", "note", "warning"]),
                "value": round(rng.gauss(20, 5), 2),
                "unit": rng.choice(["°C", "hPa", "%"]),
            }


def main():
    rng = random.Random(2024)
    listing = []
    for month in range(1, 13):
        archive = MonthArchive(2024, month)
        for entry in journal(2024, month, rng):
            archive.add(entry)
        packed = archive.seal()
        listing.append((archive.name, archive.entries, archive.check, len(packed) < 200_000))
    print(len(listing), sum(row[1] for row in listing), listing[1])


if __name__ == "__main__":
    main()
