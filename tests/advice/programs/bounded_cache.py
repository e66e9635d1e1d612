"""A cache with a bound, and a start-up load: nothing grows for good."""

from collections import OrderedDict


class Cache:
    def __init__(self, most):
        self.most = most
        self.items = OrderedDict()

    def get(self, key):
        if key in self.items:
            self.items.move_to_end(key)
            return self.items[key]
        value = [key] * 40
        self.items[key] = value
        if len(self.items) > self.most:
            self.items.popitem(last=False)
        return value


TABLE = {number: str(number) * 8 for number in range(4000)}
cache = Cache(500)
total = 0
for number in range(60_000):
    total += len(cache.get(number * 31 % 5000)) + len(TABLE[number % 4000])
print(total)
