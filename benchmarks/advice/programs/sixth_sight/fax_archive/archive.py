import hashlib
import zlib

from scans import PAGE


class Delivery:
    def __init__(self, raw):
        self.raw = raw
        self.packed = []
        self.octets = 0

    def split(self):
        at = 0
        view = memoryview(self.raw)
        while at < len(view):
            number, page, size = PAGE.unpack_from(view, at)
            at += PAGE.size
            yield page, view[at:at + size]
            at += size

    def pack(self):
        for page, body in self.split():
            self.packed.append((page, zlib.compress(body, 1)))
            self.octets += len(body)


class Archive:
    def __init__(self):
        self.deliveries = []
        self.catalogue = {}

    def add(self, raw):
        delivery = Delivery(raw)
        delivery.pack()
        self.deliveries.append(delivery)

    def finish(self):
        for n, delivery in enumerate(self.deliveries):
            for page, packed in delivery.packed:
                digest = hashlib.sha256(packed).hexdigest()
                for part in range(0, 64, 4):
                    self.catalogue.setdefault(digest[part:part + 4] + f"{n}{page}", []).append((n, page))

    def report(self):
        octets = sum(d.octets for d in self.deliveries)
        packed = sum(len(p) for d in self.deliveries for _, p in d.packed)
        return f"{octets} -> {packed} bytes, {len(self.catalogue)} keys"
