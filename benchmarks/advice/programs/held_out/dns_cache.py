# forbid: leak compact pool-leak
"""Caching resolver with TTLs and a bounded LRU, fed with a skewed query stream."""
import heapq
import random
import zlib
from collections import OrderedDict


class Answer:
    __slots__ = ("name", "address", "expires")

    def __init__(self, name, address, expires):
        self.name, self.address, self.expires = name, address, expires


class LruCache:
    def __init__(self, capacity):
        self.capacity = capacity
        self.items = OrderedDict()
        self.hits = self.misses = self.expired = self.evicted = 0

    def get(self, key, now):
        ans = self.items.get(key)
        if ans is None:
            self.misses += 1
            return None
        if ans.expires <= now:
            del self.items[key]
            self.expired += 1
            return None
        self.items.move_to_end(key)
        self.hits += 1
        return ans

    def put(self, key, ans):
        self.items[key] = ans
        if len(self.items) > self.capacity:
            self.items.popitem(last=False)
            self.evicted += 1

    def sweep(self, now):
        stale = [k for k, a in self.items.items() if a.expires <= now]
        for k in stale:
            del self.items[k]
        self.expired += len(stale)


class Upstream:
    def __init__(self):
        self.queries = 0

    def resolve(self, name, now):
        self.queries += 1
        h = zlib.crc32(name.encode())
        address = ".".join(str(h >> s & 255) for s in (24, 16, 8, 0))
        return Answer(name, address, now + 30 + h % 270)


class Resolver:
    def __init__(self, upstream, cache):
        self.upstream = upstream
        self.cache = cache
        self.per_zone = {}

    def lookup(self, name, now):
        zone = name.rpartition(".")[2]
        self.per_zone[zone] = self.per_zone.get(zone, 0) + 1
        ans = self.cache.get(name, now)
        if ans is None:
            ans = self.upstream.resolve(name, now)
            self.cache.put(name, ans)
        return ans.address


def traffic(n, seed=13):
    rng = random.Random(seed)
    zones = ("com", "org", "net", "io", "dev")
    now = 0.0
    for _ in range(n):
        now += rng.expovariate(120)
        k = int(40_000 * rng.random() ** 4)
        yield now, f"host{k}.example{k % 311}.{zones[k % 5]}"


def busiest(resolver, k):
    return heapq.nlargest(k, resolver.per_zone.items(), key=lambda kv: kv[1])


def main():
    resolver = Resolver(Upstream(), LruCache(4000))
    crc = 0
    next_sweep = 60
    for now, name in traffic(330_000):
        crc = zlib.crc32(resolver.lookup(name, now).encode(), crc)
        if now > next_sweep:
            resolver.cache.sweep(now)
            next_sweep += 60
    c = resolver.cache
    print("hits", c.hits, "misses", c.misses, "expired", c.expired, "evicted", c.evicted)
    print("upstream", resolver.upstream.queries, "zones", busiest(resolver, 3))
    print(f"{crc:08x}")


if __name__ == "__main__":
    main()
