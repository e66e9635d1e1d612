import hashlib
import random
from collections import OrderedDict


class Recent:
    def __init__(self, most, make):
        self.most = most
        self.make = make
        self.items = OrderedDict()
        self.hits = self.misses = 0

    def __call__(self, key):
        try:
            value = self.items[key]
        except KeyError:
            self.misses += 1
            value = self.items[key] = self.make(key)
            if len(self.items) > self.most:
                self.items.popitem(last=False)
        else:
            self.hits += 1
            self.items.move_to_end(key)
        return value


def profile(user):
    seed = str(user).encode()
    for _ in range(60):
        seed = hashlib.sha256(seed).digest()
    return seed * 500


class Front:
    def __init__(self):
        self.profile = Recent(1500, profile)
        self.codes = {200: 0, 403: 0}

    def handle(self, user, path):
        blob = self.profile(user)
        code = 403 if blob[len(path)] < 20 else 200
        self.codes[code] += 1
        return blob[user % 32] ^ len(path)


def requests(count):
    rng = random.Random(64)
    for _ in range(count):
        user = int(rng.paretovariate(0.7)) % 100000
        yield user, "/" + "x" * rng.randint(1, 30)


def main():
    front = Front()
    mix = 0
    for user, path in requests(160000):
        mix = (mix * 5 + front.handle(user, path)) & 0xFFFFFF
    print(front.codes, f"mix {mix:06x}")
    print("hits", front.profile.hits, "misses", front.profile.misses, "kept", len(front.profile.items))


if __name__ == "__main__":
    main()
