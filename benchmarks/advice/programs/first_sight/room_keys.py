"""Seal and open chat messages; every room and every message has a key stream of its own."""
# forbid: pool
import hashlib
import hmac
import random


class TamperError(Exception):
    pass


class KeyStream:
    """Permutation based key stream (toy), made from one key and good for one message."""

    def __init__(self, key):
        box = list(range(256))
        j = 0
        for i in range(256):
            j = (j + box[i] + key[i % len(key)]) & 0xFF
            box[i], box[j] = box[j], box[i]
        self.box = box
        self.i = self.j = 0

    def take(self, n):
        box, i, j = self.box, self.i, self.j
        out = bytearray(n)
        for k in range(n):
            i = (i + 1) & 0xFF
            j = (j + box[i]) & 0xFF
            box[i], box[j] = box[j], box[i]
            out[k] = box[(box[i] + box[j]) & 0xFF]
        self.i, self.j = i, j
        return bytes(out)


def xor(a, b):
    return (int.from_bytes(a, "big") ^ int.from_bytes(b, "big")).to_bytes(len(a), "big")


class Room:
    def __init__(self, name, secret):
        self.name = name
        self.secret = hashlib.sha256(secret + name.encode()).digest()
        self.serial = 0

    def _key(self, serial):
        return hmac.digest(self.secret, serial.to_bytes(8, "big"), "sha256")

    def seal(self, text):
        self.serial += 1
        key = self._key(self.serial)
        plain = text.encode()
        body = xor(plain, KeyStream(key).take(len(plain)))
        return self.serial, body, hmac.digest(key, body, "sha256")[:8]

    def open(self, serial, body, tag):
        key = self._key(serial)
        if not hmac.compare_digest(hmac.digest(key, body, "sha256")[:8], tag):
            raise TamperError(self.name)
        return xor(body, KeyStream(key).take(len(body))).decode()


class House:
    def __init__(self, secret):
        self.secret = secret
        self.rooms = {}

    def room(self, name):
        if name not in self.rooms:
            self.rooms[name] = Room(name, self.secret)
        return self.rooms[name]


def main():
    rng = random.Random(7)
    house = House(b"house secret")
    ok = tampered = size = 0
    digest = hashlib.sha256()
    for n in range(12_000):
        room = house.room(f"room{rng.randrange(12)}")
        text = f"{n}: " + "".join(rng.choices("abc xyz", k=rng.randrange(5, 60)))
        serial, body, tag = room.seal(text)
        digest.update(body)
        size += len(body)
        if rng.random() < 0.02:
            tag = bytes(8)
        try:
            ok += room.open(serial, body, tag) == text
        except TamperError:
            tampered += 1
    print("rooms", len(house.rooms), "ok", ok, "tampered", tampered, "bytes", size)
    print(digest.hexdigest()[:24])


if __name__ == "__main__":
    main()
