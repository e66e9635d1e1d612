"""Export the attachments of a mail archive kept in SQLite."""
import contextlib
import hashlib
import os
import random
import sqlite3
import tempfile
import zlib


def fill(db, count):
    rng = random.Random(37)
    block = rng.randbytes(90_000)
    db.execute("create table attachment(id integer primary key, name text, mime text, body blob)")
    with db:
        for number in range(count):
            cut = rng.randrange(1, 80_000)
            body = (block[cut:] + block[:cut]) * 8
            mime = ("image/png", "application/pdf", "text/plain")[number % 3]
            db.execute("insert into attachment values(?,?,?,?)",
                       (number, f"file{number}", mime, body))


class Exporter:
    def __init__(self, db, folder):
        self.db = db
        self.folder = folder
        self.total = 0
        self.sha = hashlib.sha1()

    def export(self, mime):
        cursor = self.db.execute(
            "select name, body from attachment where mime = ? order by id", (mime,))
        written = 0
        for name, body in cursor.fetchall():
            self.sha.update(name.encode())
            self.sha.update(zlib.crc32(body).to_bytes(4, "big"))
            self.total += len(body)
            target = os.path.join(self.folder, name)
            with open(target, "wb") as out:
                out.write(body)
            os.unlink(target)
            written += 1
        return written


def main():
    with tempfile.TemporaryDirectory() as folder:
        with contextlib.closing(sqlite3.connect(os.path.join(folder, "mail.db"))) as db:
            fill(db, 150)
            exporter = Exporter(db, folder)
            for mime in ("image/png", "application/pdf", "text/plain"):
                print(mime, exporter.export(mime))
            print(exporter.total, exporter.sha.hexdigest()[:16])


if __name__ == "__main__":
    main()
