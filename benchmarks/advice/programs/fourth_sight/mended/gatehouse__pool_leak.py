"""Upload gate: clients post signed blobs, we verify and count them."""
import hashlib
import random
import sys

from flask import Flask, jsonify, request

app = Flask(__name__)

POLY = 0x42F0E1EBA9EA3693
MASK = (1 << 64) - 1


class Sealer:
    """CRC-64 with its lookup table, byte-wise."""

    def __init__(self, salt=0):
        self.salt = salt
        self.table = []
        for byte in range(256):
            reg = byte << 56
            for _ in range(8):
                if reg >> 63:
                    reg = ((reg << 1) ^ POLY) & MASK
                else:
                    reg = (reg << 1) & MASK
            self.table.append(reg)

    def seal(self, data):
        reg = self.salt
        table = self.table
        for byte in data:
            reg = ((reg << 8) & MASK) ^ table[(reg >> 56) ^ byte]
        return reg


class Desk:
    def __init__(self):
        self.open_tickets = {}
        self.sealer = Sealer(salt=7)
        self.accepted = 0
        self.refused = 0

    def begin(self, number, body):
        self.open_tickets[number] = (number, body)

    def verify(self, number):
        _, body = self.open_tickets.pop(number)
        if self.sealer.seal(body[:48]) % 5 < 3:
            self.refused += 1
            return False
        self.accepted += 1
        return True


desk = Desk()


@app.post("/upload/<int:number>")
def upload(number):
    body = request.get_data()
    desk.begin(number, body)
    ok = desk.verify(number)
    return jsonify(ok=ok), (200 if ok else 422)


def main(rounds=1500):
    rng = random.Random(4)
    client = app.test_client()
    seen = hashlib.sha1()
    for number in range(rounds):
        body = rng.randbytes(40_000)
        reply = client.post(f"/upload/{number}", data=body)
        seen.update(reply.get_data())
    print(desk.accepted, desk.refused, seen.hexdigest()[:12])
    return 0


if __name__ == "__main__":
    sys.exit(main())
