"""Move sales rows from a source table into monthly summaries (SQLAlchemy core, sqlite)."""
import random
from collections import defaultdict

import sqlalchemy as sa

meta = sa.MetaData()
sales = sa.Table(
    "sales", meta,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("day", sa.Integer, index=False),
    sa.Column("shop", sa.String(20)),
    sa.Column("article", sa.String(40)),
    sa.Column("qty", sa.Integer),
    sa.Column("cents", sa.Integer),
)
summary = sa.Table(
    "summary", meta,
    sa.Column("month", sa.Integer, primary_key=True),
    sa.Column("shop", sa.String(20), primary_key=True),
    sa.Column("qty", sa.Integer),
    sa.Column("cents", sa.Integer),
)


def seed_rows(rng, n):
    shops = ["Harbour", "Station", "Old Town", "Airport"]
    for i in range(n):
        yield {
            "day": rng.randrange(360), "shop": rng.choice(shops), "article": f"article {rng.randrange(9000):05d}",
            "qty": rng.randrange(1, 9), "cents": rng.randrange(99, 20000),
        }


# may: compact
class Extract:
    def __init__(self, conn):
        self.conn = conn

    def rows(self):
        query = sa.select(sales.c.day, sales.c.shop, sales.c.article, sales.c.qty, sales.c.cents).order_by(sales.c.id)
        return self.conn.execute(query, execution_options={"yield_per": 500})


class Transform:
    def __init__(self):
        self.cells = defaultdict(lambda: [0, 0])
        self.skipped = 0

    def feed(self, row):
        if row.article.endswith("00"):
            self.skipped += 1
            return
        cell = self.cells[row.day // 30, row.shop]
        cell[0] += row.qty
        cell[1] += row.qty * row.cents


class Load:
    def __init__(self, conn):
        self.conn = conn

    def save(self, cells):
        rows = [{"month": m, "shop": s, "qty": q, "cents": c} for (m, s), (q, c) in sorted(cells.items())]
        self.conn.execute(sa.insert(summary), rows)
        return len(rows)


def pump(extract, transform):
    for row in extract.rows():
        transform.feed(row)


def main():
    engine = sa.create_engine("sqlite://")
    meta.create_all(engine)
    rng = random.Random(90)
    with engine.begin() as conn:
        source = seed_rows(rng, 120_000)
        while batch := [row for row, _ in zip(source, range(2000))]:
            conn.execute(sa.insert(sales), batch)
    with engine.begin() as conn:
        transform = Transform()
        pump(Extract(conn), transform)
        saved = Load(conn).save(transform.cells)
        best = conn.execute(sa.select(summary).order_by(summary.c.cents.desc()).limit(3)).all()
    print("saved", saved, "skipped", transform.skipped)
    for row in best:
        print(row.month, row.shop, row.qty, row.cents)


if __name__ == "__main__":
    main()
