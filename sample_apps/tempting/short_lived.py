"""Containers that die at once: the collector has nothing to look through. tempting: gc-pressure"""

from __future__ import annotations

total = 0
for number in range(300_000):
    request = {"path": [number], "headers": (number, [number])}
    total += len(request)
print(total)
