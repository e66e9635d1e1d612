import sqlite3
from collections import deque

SCHEMA = """
create table rate (code text primary key, value real);
create table quota (client integer primary key, used integer default 0);
create index quota_used on quota (used);
"""
RATES = [(f"C{n:03d}", 0.5 + n / 150) for n in range(400)]


class ConnectionPool:
    def __init__(self, size):
        self.created = 0
        self.idle = deque(self._connect() for _ in range(size))

    def _connect(self):
        self.created += 1
        connection = sqlite3.connect(":memory:")
        connection.executescript(SCHEMA)
        connection.executemany("insert into rate values (?, ?)", RATES)
        connection.commit()
        return connection

    def take(self):
        if self.idle:
            return self.idle.popleft()
        return self._connect()

    def give_back(self, connection):
        self.idle.append(connection)
