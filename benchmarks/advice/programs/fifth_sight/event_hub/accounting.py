from collections import Counter


class Accounting:
    def __init__(self, hub):
        self.volume = Counter()
        self.unread = 0
        self.mix = 0
        hub.subscribe("closed", self.on_closed)

    def on_closed(self, user, size, unread, digest):
        self.volume[user] += size
        self.unread += unread
        self.mix ^= digest
