# forbid: leak pool release-early
"""Settings service: layered tenant settings behind a bounded cache, with
invalidation by topic and a sliding window of slow look-ups."""
import json
import random
import zlib
from collections import OrderedDict, deque


class Store:
    """The slow side: settings are kept packed."""

    def __init__(self, tenants, seed):
        rng = random.Random(seed)
        self.packed = {}
        for t in range(tenants):
            doc = {f"feature.{i}": rng.choice((True, False, rng.randrange(1000))) for i in range(30)}
            self.packed[t] = zlib.compress(json.dumps(doc).encode(), 1)
        self.reads = 0

    def fetch(self, tenant):
        self.reads += 1
        return json.loads(zlib.decompress(self.packed[tenant]))

    def change(self, tenant, key, value):
        doc = self.fetch(tenant)
        doc[key] = value
        self.packed[tenant] = zlib.compress(json.dumps(doc).encode(), 1)


class BoundedCache:
    def __init__(self, load, limit, ttl):
        self.load = load
        self.limit = limit
        self.ttl = ttl
        self.entries = OrderedDict()
        self.hits = self.misses = self.evicted = 0

    def get(self, key, now):
        found = self.entries.get(key)
        if found is not None and found[0] > now:
            self.entries.move_to_end(key)
            self.hits += 1
            return found[1]
        self.misses += 1
        value = self.load(key)
        self.entries[key] = (now + self.ttl, value)
        self.entries.move_to_end(key)
        while len(self.entries) > self.limit:
            self.entries.popitem(last=False)
            self.evicted += 1
        return value

    def drop(self, key):
        self.entries.pop(key, None)


class Service:
    def __init__(self, store):
        self.store = store
        self.cache = BoundedCache(store.fetch, limit=2_500, ttl=9_000)
        self.watchers = {}
        self.recent = deque(maxlen=1_000)
        self.watch("changed", self.cache.drop)

    def watch(self, topic, fn):
        self.watchers.setdefault(topic, []).append(fn)

    def publish(self, topic, tenant):
        for fn in self.watchers.get(topic, ()):
            fn(tenant)

    def flag(self, tenant, name, now):
        before = self.store.reads
        value = self.cache.get(tenant, now).get(name, False)
        self.recent.append((tenant, self.store.reads - before))
        return bool(value)

    def set(self, tenant, name, value):
        self.store.change(tenant, name, value)
        self.publish("changed", tenant)


def main():
    rng = random.Random(3)
    service = Service(Store(6_000, seed=9))
    on = 0
    for now in range(260_000):
        tenant = min(int(rng.expovariate(1 / 900)), 5_999)
        if rng.random() < 0.004:
            service.set(tenant, f"feature.{rng.randrange(30)}", rng.random() < 0.5)
        else:
            on += service.flag(tenant, f"feature.{rng.randrange(32)}", now)
    cache = service.cache
    print(on, cache.hits, cache.misses, cache.evicted, len(cache.entries))
    print(sum(slow for _, slow in service.recent))


if __name__ == "__main__":
    main()
