# reads its settings once and keeps them; then works
# forbid: leak arena-pinning compact
import json

SETTINGS = {}


def load(n):
    for i in range(n):
        SETTINGS["key %d" % i] = "value %d" % i * 30


load(20_000)
total = 0
for i in range(300_000):
    total += len(SETTINGS["key %d" % (i % 20_000)])
print(total, len(json.dumps(SETTINGS)))
