"""Parses and rewrites SQL with sqlglot: a recursive-descent parser in Python, trees of objects."""

from __future__ import annotations

import sqlglot
import stopwatch

QUERY = """
WITH monthly AS (
  SELECT c.region, DATE_TRUNC('month', o.ordered_at) AS month,
         SUM(o.amount * (1 - o.discount)) AS revenue, COUNT(DISTINCT o.customer_id) AS customers
  FROM orders AS o JOIN customers AS c ON c.id = o.customer_id
  WHERE o.status IN ('paid', 'shipped', 'closed')
    AND o.ordered_at BETWEEN '2024-01-01' AND '2024-12-31'
  GROUP BY c.region, DATE_TRUNC('month', o.ordered_at)
), ranked AS (
  SELECT m.*, ROW_NUMBER() OVER (PARTITION BY region ORDER BY revenue DESC) AS place,
         LAG(revenue, 1, 0) OVER (PARTITION BY region ORDER BY month) AS before
  FROM monthly AS m
)
SELECT region, month, revenue,
       CASE WHEN before = 0 THEN NULL ELSE (revenue - before) / before END AS growth_{n}
FROM ranked WHERE place <= {n} AND region NOT LIKE 'test%' ORDER BY region, month LIMIT {n}00
"""


def work(scale: int) -> int:
    length = 0
    for turn in range(140 * scale):
        tree = sqlglot.parse_one(QUERY.format(n=turn % 7 + 1), read="postgres")
        length += len(tree.sql(dialect="duckdb"))
        length += sum(1 for _ in tree.walk())
    return length


if __name__ == "__main__":
    stopwatch.main(work)
