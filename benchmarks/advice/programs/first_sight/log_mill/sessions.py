# may: compact
class Session:
    def __init__(self, hit):
        self.visitor = hit.visitor
        self.first = self.last = hit.time
        self.pages = []
        self.bytes = 0

    def add(self, hit):
        self.last = hit.time
        self.pages.append(hit.page)
        self.bytes += hit.size


class Sessions:
    """Groups hits into visits; a visit ends after `timeout` seconds of silence."""

    def __init__(self, timeout, on_end):
        self.timeout = timeout
        self.on_end = on_end
        self.table = {}
        self.queue = []

    def hit(self, hit):
        session = self.table.get(hit.visitor)
        if session is None:
            session = self.table[hit.visitor] = Session(hit)  # advise: leak
            self.queue.append(session)
        session.add(hit)

    def expire(self, now):
        keep = []
        for session in self.queue:
            if session.last < now - self.timeout:
                self.on_end(session)
            else:
                keep.append(session)
        self.queue = keep
