# keeps the rare errors of a large batch, strewn over the heap
class ErrorLog:
    def __init__(self):
        self.errors = []

    def note(self, n):
        self.errors.append(b"error %0350d" % n)  # advise: arena-pinning


def batch(log, n):
    rows = []
    for i in range(n):
        rows.append(b"row %0350d" % i)
        if i % 1500 == 0:
            log.note(i)
    return len(rows)


log = ErrorLog()
print(batch(log, 180_000))
acc = 0
for i in range(500_000):
    acc ^= hash(str(i)[::-1])
print(len(log.errors))
