"""Validate incoming device reports with pydantic and aggregate them per device."""
import json
import random
from typing import ClassVar

from pydantic import BaseModel, Field, ValidationError


# may: compact gc-pressure
class Reading(BaseModel):
    channel: str
    value: float = Field(ge=-50, le=150)
    unit: str = "C"


class Report(BaseModel):
    device: str
    seq: int
    readings: list[Reading]
    note: str | None = None


class Aggregate:
    def __init__(self):
        self.reports = 0
        self.total = 0.0
        self.high = float("-inf")

    def add(self, report):
        self.reports += 1
        for r in report.readings:
            self.total += r.value
            self.high = max(self.high, r.value)


class Guard:
    """Entry point for raw lines. Duplicates (same device, same seq as the last one) are ignored."""

    seen: ClassVar[dict] = {}

    def __init__(self):
        self.devices = {}
        self.invalid = 0
        self.duplicates = 0

    def accept(self, line):
        try:
            report = Report.model_validate_json(line)
        except ValidationError:
            self.invalid += 1
            return
        if self.known(report):
            self.duplicates += 1
            return
        self.devices.setdefault(report.device, Aggregate()).add(report)

    def known(self, report):
        previous = self.seen.get(report.device)
        if previous == report.seq:
            return True
        self.seen[report.device] = report.seq
        return False


def lines(seed, n):
    rng = random.Random(seed)
    last = {}
    for i in range(n):
        device = f"dev{rng.randrange(40):02d}"
        if device in last and rng.random() < 0.05:
            yield last[device]
            continue
        data = {
            "device": device, "seq": i,
            "readings": [
                {"channel": f"c{k}", "value": round(rng.gauss(40, 35), 2)} for k in range(rng.randrange(1, 5))
            ],
        }
        if rng.random() < 0.1:
            data["note"] = "manual reading " + "x" * rng.randrange(40)
        last[device] = json.dumps(data)
        yield last[device]


def main():
    guard = Guard()
    for line in lines(19, 45_000):
        guard.accept(line)
    print("invalid", guard.invalid, "duplicates", guard.duplicates)
    for name in sorted(guard.devices)[:6]:
        agg = guard.devices[name]
        print(name, agg.reports, f"{agg.total:.2f}", agg.high)


if __name__ == "__main__":
    main()
