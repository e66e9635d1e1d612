import struct
from dataclasses import dataclass
from typing import Iterator

FRAME = struct.Struct("<BIHH")
PUT, DEL, INC = 1, 2, 3


# may: compact
@dataclass(slots=True, frozen=True)
class Record:
    op: int
    lsn: int
    key: bytes
    value: bytes


def encode(rec: Record) -> bytes:
    return FRAME.pack(rec.op, rec.lsn, len(rec.key), len(rec.value)) + rec.key + rec.value


class LogReader:
    def __init__(self, fileobj):
        self._file = fileobj

    def scan(self) -> Iterator[Record]:
        read = self._file.read
        while head := read(FRAME.size):
            op, lsn, klen, vlen = FRAME.unpack(head)
            yield Record(op, lsn, read(klen), read(vlen))
