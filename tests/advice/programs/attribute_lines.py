"""A timetable's lines are gone through in the constructor, and stay in an attribute."""


class Timetable:
    def __init__(self, text):
        self.rows = text.splitlines()  # advise: release-early
        self.minutes = []
        self.refused = 0
        for row in self.rows:
            if row.startswith("--"):
                self.refused += 1
            elif ":" in row and row[0] != " ":
                self.minutes.append(int(row[3:5]))

    def gaps(self):
        before = self.minutes[0]
        for minute in self.minutes:
            yield minute - before
            before = minute


def printed(count):
    return "".join(
        f"{n % 24:02}:{n % 60:02} platform {n % 12}, all stations\n" for n in range(count)
    )


def widest(table):
    found = {}
    for number, gap in enumerate(table.gaps()):
        found[number] = [gap]
    return max(found.values())


def main():
    table = Timetable(printed(80_000))
    print(table.refused, len(table.minutes))
    print(widest(table))


main()
