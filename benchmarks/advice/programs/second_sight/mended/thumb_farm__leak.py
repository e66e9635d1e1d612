"""A farm of threads makes small previews out of synthetic pictures."""
import queue
import threading
import zlib

SIDE = 96


class Job:
    known = {}
    guard = threading.Lock()

    def __init__(self, number):
        self.number = number
        self.preview = None
        self.digest = 0

    def run(self):
        seed = self.number * 2654435761 & 0xFFFFFFFF
        row = bytes((seed >> (k % 24)) + k & 0xFF for k in range(SIDE))
        picture = b"".join(row[k:] + row[:k] for k in range(SIDE))
        self.preview = picture[::2] + picture[1::2]
        self.digest = zlib.crc32(self.preview)


class Worker(threading.Thread):
    def __init__(self, inbox, outbox):
        super().__init__(daemon=True)
        self.inbox = inbox
        self.outbox = outbox

    def run(self):
        while True:
            job = self.inbox.get()
            if job is None:
                self.outbox.put(None)
                return
            job.run()
            self.outbox.put(job)


def feed(inbox, count, workers):
    for number in range(count):
        inbox.put(Job(number))
    for _ in range(workers):
        inbox.put(None)


def main():
    workers, count = 3, 6000
    inbox, outbox = queue.Queue(8), queue.Queue(8)
    crew = [Worker(inbox, outbox) for _ in range(workers)]
    for worker in crew:
        worker.start()
    feeder = threading.Thread(target=feed, args=(inbox, count, workers))
    feeder.start()
    total, ended = 0, 0
    while ended < workers:
        job = outbox.get()
        if job is None:
            ended += 1
        else:
            total ^= job.digest
    feeder.join()
    for worker in crew:
        worker.join()
    print("checksum %08x" % total)


main()
