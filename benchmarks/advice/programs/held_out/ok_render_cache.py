"""A least-recently-used cache of rendered pages: bounded by bytes, full after the first tenth of the run."""

# forbid: leak pool reuse-buffer arena-pinning

import hashlib
import random
from collections import OrderedDict
from string import Template

PAGE = Template("<article id='$key'><h1>$title</h1>$body</article>")


class ByteBoundedCache:
    def __init__(self, limit):
        self.limit = limit
        self.used = 0
        self.entries = OrderedDict()
        self.hits = self.misses = 0

    def get(self, key, make):
        try:
            value = self.entries[key]
        except KeyError:
            self.misses += 1
            value = self.entries[key] = make(key)
            self.used += len(value)
            while self.used > self.limit:
                _, old = self.entries.popitem(last=False)
                self.used -= len(old)
        else:
            self.hits += 1
            self.entries.move_to_end(key)
        return value


def render(key):
    stamp = hashlib.sha1(str(key).encode()).hexdigest()
    body = "".join(f"<p class='c{n}'>{stamp} paragraph {n}</p>" for n in range(20 + key % 30))
    return PAGE.substitute(key=key, title=stamp[:8], body=body)


def main():
    rng = random.Random(17)
    cache = ByteBoundedCache(2_000_000)
    seen = hashlib.md5()
    for _ in range(70_000):
        key = int(rng.triangular(0, 3000, 0))
        page = cache.get(key, render)
        seen.update(page[:64].encode())
    print(cache.hits, cache.misses, cache.used <= cache.limit, seen.hexdigest()[:12])


if __name__ == "__main__":
    main()
