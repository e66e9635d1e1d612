"""A toy proof-of-work chain: a hash object for every try, a decimal fee for every block."""
# forbid: pool, over-pooled, reuse-buffer
import hashlib
from decimal import Decimal
from typing import NamedTuple


class Block(NamedTuple):
    index: int
    previous: bytes
    nonce: int
    fee: Decimal


def seal(index, previous, payload):
    """The first nonce whose digest begins with enough zero bits."""
    head = index.to_bytes(4, "big") + previous + payload
    nonce = 0
    while True:
        digest = hashlib.sha256(head + nonce.to_bytes(8, "big")).digest()
        if digest[0] == 0 and digest[1] < 32:
            return nonce, digest
        nonce += 1


def verify(chain):
    for one, other in zip(chain, chain[1:]):
        if other.index != one.index + 1:
            return False
    return True


chain = []
previous = bytes(32)
for index in range(520):
    payload = f"{index} pays {index * 7 % 31}".encode()
    nonce, digest = seal(index, previous, payload)
    chain.append(Block(index, previous, nonce, Decimal(nonce % 1000) / 100))
    previous = digest
print(verify(chain), previous.hex())
print("tries", sum(block.nonce + 1 for block in chain), "fees", sum(block.fee for block in chain))
