"""Price summary per category of a supplier's parts catalogue."""
import random
import tempfile
import xml.etree.ElementTree as ET
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

CATEGORIES = ("bolts", "nuts & washers", "bearings", "seals", "belts")


@dataclass
class Summary:
    parts: int = 0
    cents: int = 0
    weight: float = 0.0
    heaviest: str = ""
    heaviest_weight: float = 0.0

    def add(self, number, cents, weight):
        self.parts += 1
        self.cents += cents
        self.weight += weight
        if weight > self.heaviest_weight:
            self.heaviest, self.heaviest_weight = number, weight


def make_catalogue(path: Path, parts: int) -> None:
    rng = random.Random(77)
    with path.open("w", encoding="utf-8") as out:
        out.write("<catalogue supplier='ACME'>\n")
        for i in range(parts):
            out.write(
                f"<part number='P{i:06d}'><category>{escape(rng.choice(CATEGORIES))}</category>"
                f"<price currency='EUR'>{rng.randrange(5, 90000)}</price>"
                f"<weight>{rng.random() * 9:.3f}</weight>"
                f"<note>Box {rng.randrange(400)} shelf {i % 50}</note></part>\n"
            )
        out.write("</catalogue>\n")


def summarise(path: Path) -> dict[str, Summary]:
    summaries: dict[str, Summary] = defaultdict(Summary)
    for _, part in ET.iterparse(path):
        if part.tag != "part":
            continue
        summaries[part.findtext("category")].add(
            part.get("number"),
            int(part.findtext("price")),
            float(part.findtext("weight")),
        )
        part.clear()
    return summaries


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "catalogue.xml"
        make_catalogue(path, 45_000)
        result = summarise(path)
    for name in sorted(result):
        s = result[name]
        print(f"{name:15s} {s.parts:6d} {s.cents / s.parts / 100:8.2f} {s.weight:10.1f} {s.heaviest}")


if __name__ == "__main__":
    main()
