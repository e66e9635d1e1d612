"""Resolve layered settings of many virtual hosts and report what is inherited."""
import random
from collections import ChainMap, Counter
from unittest import mock

MISSING = mock.sentinel.missing
KEYS = [f"{group}.{name}" for group in ("http", "tls", "log", "cache")
        for name in ("enabled", "limit", "path", "level", "timeout")]


def random_layer(rng, share):
    return {key: rng.randrange(100) for key in KEYS if rng.random() < share}


class Site:
    __slots__ = ("name", "layers")

    def __init__(self, name, *layers):
        self.name = name
        self.layers = ChainMap(*layers)

    def resolve(self, key):
        return self.layers.get(key, MISSING)

    def origin(self, key):
        for depth, layer in enumerate(self.layers.maps):
            if key in layer:
                return depth
        return MISSING


def sites(count, seed=91):
    rng = random.Random(seed)
    base = random_layer(rng, 0.7)
    groups = [random_layer(rng, 0.4) for _ in range(8)]
    for number in range(count):
        yield Site(f"site{number}", random_layer(rng, 0.15), rng.choice(groups), base)


def inspect(stream):
    origins = Counter()
    missing = Counter()
    limit = 0
    for site in stream:
        for key in KEYS:
            depth = site.origin(key)
            if depth is MISSING:
                missing[key] += 1
            else:
                origins[depth] += 1
        value = site.resolve("http.limit")
        if value is not MISSING:
            limit += value
    return origins, missing, limit


def main():
    origins, missing, limit = inspect(sites(24_000))
    print("origins", sorted(origins.items()))
    print("missing", sorted(missing.items())[:4])
    print("limits", limit)


if __name__ == "__main__":
    main()
