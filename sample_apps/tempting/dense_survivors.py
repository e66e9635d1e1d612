"""Half of what was loaded stays: arenas are full of what is needed. tempting: arena-pinning"""

from __future__ import annotations

records = [f"{number:0400d}" for number in range(60_000)]
records = records[:30_000]
total = 0
for number in range(300_000):
    total += len(records[number % len(records)]) + len(str(number))
print(total)
