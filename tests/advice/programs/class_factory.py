class Event:
    def __init__(self, ts, kind, payload):
        self.ts = ts
        self.kind = kind
        self.payload = payload

    @classmethod
    def parse(cls, line):
        ts, kind, payload = line.split("|")
        return cls(int(ts), kind, payload)  # advise: compact


class Store:
    def __init__(self):
        self.events = []

    def load(self, lines):
        for line in lines:
            self.events.append(Event.parse(line))

    def between(self, a, b):
        return [e for e in self.events if a <= e.ts < b]


def main():
    s = Store()
    s.load(f"{i}|click|user{i % 1000}" for i in range(80000))
    print(len(s.between(100, 5000)), s.events[77].payload)
    for k in range(20):
        s.between(k * 100, k * 200)


main()
