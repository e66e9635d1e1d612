import tempfile
from collections import Counter

from parse import parse
from sessions import Sessions
from source import LogFile, write_log


class Report:
    def __init__(self):
        self.visits = 0
        self.depth = Counter()
        self.status = Counter()
        self.bytes = 0

    def visit(self, session):
        self.visits += 1
        self.depth[min(9, len(session.pages))] += 1
        self.bytes += session.bytes

    def show(self):
        print("visits", self.visits, "bytes", self.bytes)
        print("depth", sorted(self.depth.items()))
        print("status", sorted(self.status.items()))


def analyse(handle, report):
    sessions = Sessions(240, report.visit)
    now = 0
    for n, line in enumerate(LogFile(handle).lines()):
        hit = parse(line)
        if hit is None:
            continue
        report.status[hit.status] += 1
        now = hit.time
        sessions.hit(hit)
        if n % 500 == 0:
            sessions.expire(now)
    sessions.expire(now + 241)


def main():
    report = Report()
    with tempfile.TemporaryFile("w+", encoding="ascii") as handle:
        write_log(handle, 170_000)
        handle.seek(0)
        analyse(handle, report)
    report.show()


if __name__ == "__main__":
    main()
