import threading


class Frame:
    __slots__ = ("code", "counter", "slots", "stack", "caller")

    def __init__(self, code=None, slots=(), caller=None):
        self.code = code
        self.counter = 0
        self.slots = list(slots)
        self.stack = []
        self.caller = caller


class FrameStore:
    def __init__(self, limit=512):
        self.limit = limit
        self.spare = []
        self.lock = threading.RLock()
        self.handed = self.returned = 0

    def obtain(self, code, slots, caller):
        with self.lock:
            self.handed += 1
            frame = self.spare.pop() if self.spare else Frame()
        frame.code = code
        frame.counter = 0
        for value in slots:
            frame.slots.append(value)
        frame.caller = caller
        return frame

    def restore(self, frame):
        frame.code = None
        frame.caller = None
        frame.slots.clear()
        frame.stack.clear()
        with self.lock:
            self.returned += 1
            if len(self.spare) < self.limit:
                self.spare.append(frame)
