"""A little of everything that allocates; its result does not depend on the allocator."""

import gc
import json
import re


class Node:
    def __init__(self, n):
        self.n, self.left, self.right, self.me = n, [], {}, self


text = json.dumps({str(n): [n, n / 7, "x" * (n % 600)] for n in range(2000)})
tree = json.loads(text)
nodes = [Node(n) for n in range(3000)]
del nodes
print(gc.collect() >= 3000)
big = bytearray()
for n in range(3000):
    big += bytes(n % 100)
big.extend(b"x" * 5_000_000)
del big[1000:]
print(len(tree), len(text), len(big), len(re.findall(r"\d+", text)))
