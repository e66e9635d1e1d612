import re
from typing import NamedTuple

PATTERN = re.compile(r'(\d+) (\w+) "GET ([^"]+)" (\d+) (\d+) "([^"]*)"')


class Hit(NamedTuple):
    time: int
    visitor: str
    page: str
    status: int
    size: int
    agent: str


def parse(line):
    m = PATTERN.match(line)
    if m is None:
        return None
    time, visitor, page, status, size, agent = m.groups()
    return Hit(int(time), visitor, page, int(status), int(size), agent)
