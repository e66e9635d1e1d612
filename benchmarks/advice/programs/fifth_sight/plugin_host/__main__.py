from collections import defaultdict

import filters
from registry import registry
from source import jobs


def main():
    totals = defaultdict(int)
    runs = defaultdict(int)
    for ticket, name, data in jobs(registry.names(), 130):
        registry.start(name, ticket, data)
        totals[name] = (totals[name] * 7 + registry.finish(ticket)) % 1_000_003
        runs[name] += 1
    for name in registry.names():
        print(name, runs[name], totals[name])
    print("commands from", filters.__name__)


if __name__ == "__main__":
    main()
