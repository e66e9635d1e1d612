from records import DEL, INC, PUT, LogReader


class Store:
    def __init__(self):
        self.data = {}
        self.last_lsn = -1
        self.skipped = 0

    def apply(self, rec):
        if rec.lsn <= self.last_lsn:
            self.skipped += 1
            return
        self.last_lsn = rec.lsn
        if rec.op == PUT:
            self.data[rec.key] = rec.value
        elif rec.op == DEL:
            self.data.pop(rec.key, None)
        elif rec.op == INC:
            old = int(self.data.get(rec.key, b"0") or b"0", 10) if rec.key.startswith(b"n") else 0
            self.data[rec.key] = b"%d" % (old + 1)


class Recovery:
    def __init__(self, store, fileobj):
        self.store = store
        self.reader = LogReader(fileobj)
        self.by_op = {PUT: 0, DEL: 0, INC: 0}

    def run(self):
        records = list(self.reader.scan())  # advise: chunk
        for rec in records:
            self.by_op[rec.op] += 1
            self.store.apply(rec)
        return self.store
