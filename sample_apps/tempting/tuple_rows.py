"""Tuples of a table: already the smallest rows that can differ in type. tempting: compact"""

from __future__ import annotations

rows = [(f"item {number}", number * 1.5, number % 7 == 0) for number in range(40_000)]
print(len(rows), sum(price for _, price, sold in rows if sold))
