"""Watches a stream of logins through logging; each address keeps its last few tries in a bounded deque."""

# forbid: leak compact over-pooled

import ipaddress
import logging
import random
from collections import defaultdict, deque
from functools import partial

log = logging.getLogger("watch")


class CountingHandler(logging.Handler):
    """Keeps only the last hundred lines, as the status page shows no more."""

    def __init__(self):
        super().__init__()
        self.tail = deque(maxlen=100)
        self.seen = 0

    def emit(self, record):
        self.seen += 1
        self.tail.append(self.format(record))


class Watch:
    def __init__(self, tries, seconds):
        self.tries = tries
        self.seconds = seconds
        self.window = defaultdict(partial(deque, maxlen=tries))

    def login(self, when, address, good):
        recent = self.window[address]
        if good:
            recent.clear()
            return False
        recent.append(when)
        if len(recent) == self.tries and when - recent[0] <= self.seconds:
            log.warning("%s failed %d times in %.1f s", address, self.tries, when - recent[0])
            return True
        return False


def main():
    handler = CountingHandler()
    handler.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
    log.addHandler(handler)
    log.propagate = False
    rng = random.Random(42)
    network = ipaddress.ip_network("10.7.0.0/22")
    addresses = [str(host) for host in network.hosts()]
    watch = Watch(tries=5, seconds=900)
    when, alarms = 0.0, 0
    for _ in range(250_000):
        when += rng.expovariate(1.0)
        address = addresses[int(rng.betavariate(1, 4) * len(addresses))]
        alarms += watch.login(when, address, rng.random() < 0.4)
    print(alarms, handler.seen, len(watch.window), handler.tail[-1])


if __name__ == "__main__":
    main()
