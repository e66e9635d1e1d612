import random
import tempfile
import zlib

from records import DEL, INC, PUT, Record, encode
from store import Recovery, Store


def fill(fileobj, n):
    rng = random.Random(41)
    for lsn in range(n):
        pick = rng.random()
        if pick < 0.6:
            rec = Record(PUT, lsn, b"k%05d" % rng.randrange(3000), rng.randbytes(rng.randrange(20, 90)))
        elif pick < 0.7:
            rec = Record(DEL, lsn, b"k%05d" % rng.randrange(3000), b"")
        else:
            rec = Record(INC, max(0, lsn - (lsn % 50 == 0)), b"n%03d" % rng.randrange(100), b"")
        fileobj.write(encode(rec))


def main():
    with tempfile.TemporaryFile() as log:
        fill(log, 260_000)
        log.seek(0)
        recovery = Recovery(Store(), log)
        store = recovery.run()
    check = 0
    for key in sorted(store.data):
        check = zlib.crc32(store.data[key], zlib.crc32(key, check))
    print("keys", len(store.data), "lsn", store.last_lsn, "skipped", store.skipped)
    print("ops", recovery.by_op, "check", check)


if __name__ == "__main__":
    main()
