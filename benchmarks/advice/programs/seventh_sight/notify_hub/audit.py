class AuditCounter:
    def __init__(self, bus):
        self.total = 0
        self.mixed = 0
        bus.subscribe("export.done", self.record)

    def record(self, number, digest, size):
        self.total += size
        self.mixed = (self.mixed * 5 + int(digest[:6], 16) + number) % 1_000_000_007
