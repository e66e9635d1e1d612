import contextlib
import queue
import random
import threading
import zlib

SHEET = 3 << 20


class Drawer:
    """A few large sheets, shared by the presses."""

    def __init__(self, most):
        self._rest = queue.LifoQueue()
        self._lock = threading.Lock()
        self._room = most

    @contextlib.contextmanager
    def sheet(self):
        try:
            item = self._rest.get_nowait()
        except queue.Empty:
            with self._lock:
                grow = self._room > 0
                self._room -= grow
            item = bytearray(SHEET) if grow else self._rest.get()
        try:
            yield item
        finally:
            self._rest.put(item)


def compose(sheet, job):
    motif = random.Random(job).randbytes(SHEET // 256)
    step = len(motif)
    for at in range(0, SHEET, step):
        sheet[at:at + step] = motif
    if job % 10 == 9:
        raise ValueError("jam")
    return zlib.crc32(sheet)


def press(drawer, jobs, done, jams):
    while (job := jobs.get()) is not None:
        try:
            with drawer.sheet() as sheet:
                done[job] = compose(sheet, job)
        except ValueError:
            jams.append(job)


def main():
    drawer, jobs = Drawer(4), queue.SimpleQueue()
    done, jams = {}, []
    crew = [threading.Thread(target=press, args=(drawer, jobs, done, jams)) for _ in range(4)]
    for t in crew:
        t.start()
    for job in range(400):
        jobs.put(job)
    for _ in crew:
        jobs.put(None)
    for t in crew:
        t.join()
    mix = 0
    for job in sorted(done):
        mix = (mix * 37 + done[job]) & 0xFFFFFFFF
    print("done", len(done), "jams", len(jams), sorted(jams)[:3], f"{mix:08x}")


if __name__ == "__main__":
    main()
