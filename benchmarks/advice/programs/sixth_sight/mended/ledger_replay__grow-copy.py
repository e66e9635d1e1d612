"""Replay account movements into a balance sheet, keeping an audit chain."""
import hashlib
import random


def movements(seed, accounts, count):
    rng = random.Random(seed)
    for n in range(count):
        src = rng.randrange(accounts)
        dst = (src + rng.randrange(1, accounts)) % accounts
        yield n, f"AC{src:05d}", f"AC{dst:05d}", rng.randrange(1, 5000)


def apply_movement(sheet, move):
    _, src, dst, cents = move
    sheet[src] = sheet.get(src, 0) - cents
    sheet[dst] = sheet.get(dst, 0) + cents
    return sheet


def audit(chain, move):
    n, src, dst, cents = move
    return hashlib.blake2b(b"%d|%s|%s|%d" % (n, src.encode(), dst.encode(), cents),
                           key=chain, digest_size=16).digest()


def replay(moves):
    sheet = {}
    chain = b"\0" * 16
    for move in moves:
        sheet = apply_movement(sheet, move)
        chain = audit(chain, move)
    return sheet, chain


def extremes(sheet, k=3):
    ranked = sorted(sheet.items(), key=lambda item: (item[1], item[0]))
    return ranked[:k], ranked[-k:]


if __name__ == "__main__":
    sheet, chain = replay(movements(88, 4_000, 30_000))
    low, high = extremes(sheet)
    assert sum(sheet.values()) == 0
    print(len(sheet), "accounts", chain.hex())
    print("low", low)
    print("high", high)
