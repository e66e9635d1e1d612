import json
from collections import Counter


class Service:
    def __init__(self):
        self.counts = Counter()
        self.last = None

    def handle(self, raw):
        d = json.loads(raw)
        self.counts[d["kind"]] += 1
        self.last = d
        return json.dumps({"ok": True, "n": self.counts[d["kind"]]})


s = Service()
t = 0
for i in range(30000):
    t += len(s.handle(json.dumps({"kind": "k%d" % (i % 30), "payload": list(range(i % 20))})))
print(t)
