#!/usr/bin/env python3
"""Requests per hour, status classes and top clients of a web server log."""
import os
import random
import re
import tempfile
from collections import Counter

LINE = re.compile(r'(\S+) - - \[\d+/\w+/\d+:(\d\d):\d\d:\d\d\] "(\w+) (\S+)" (\d{3}) (\d+)')


def write_sample(path, lines):
    rng = random.Random(2024)
    with open(path, "w") as out:
        for i in range(lines):
            hour = int(rng.betavariate(4, 3) * 24)
            out.write(
                f'10.{i % 7}.{rng.randrange(60)}.{rng.randrange(250)} - - '
                f'[03/May/2024:{hour:02d}:{i % 60:02d}:11] '
                f'"GET /item/{rng.randrange(90000)}" '
                f'{rng.choice((200, 200, 200, 304, 404, 500))} {rng.randrange(90000)}\n'
            )


def read_requests(path):
    with open(path) as fh:
        lines = fh.readlines()
    for line in lines:
        m = LINE.match(line)
        if m:
            yield m.group(1), int(m.group(2)), m.group(5)[0], int(m.group(6))


class Report:
    def __init__(self):
        self.hours = Counter()
        self.classes = Counter()
        self.nets = Counter()
        self.volume = 0

    def consume(self, requests):
        for client, hour, status, size in requests:
            self.hours[hour] += 1
            self.classes[status + "xx"] += 1
            self.nets[client.rsplit(".", 2)[0]] += 1
            self.volume += size
        return self

    def show(self):
        print("hours", self.hours.most_common(3))
        print("classes", sorted(self.classes.items()))
        print("nets", self.nets.most_common(2))
        print("bytes", self.volume)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as d:
        log = os.path.join(d, "access.log")
        write_sample(log, 170_000)
        Report().consume(read_requests(log)).show()
