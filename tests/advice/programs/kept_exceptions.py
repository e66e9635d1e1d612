"""What went wrong is kept to the end: and with each traceback the readings of a day."""

from dataclasses import dataclass


@dataclass
class Failure:
    day: int
    cause: Exception


def readings(day):
    return [f"{value * 7 % 1000}.{day}" for value in range(30_000)]


def mean(day):
    rows = readings(day)  # advise: release-early
    if day % 2:
        rows[20_000] = "n/a"
    return sum(float(row) for row in rows) / len(rows)


class Archive:
    def __init__(self):
        self.failures = {}

    def means(self, days):
        for day in range(days):
            try:
                yield mean(day)
            except ValueError as error:
                self.failures[day] = Failure(day, error)


archive = Archive()
print(round(sum(archive.means(9)), 3))
for failure in archive.failures.values():
    print(failure.day, failure.cause)
