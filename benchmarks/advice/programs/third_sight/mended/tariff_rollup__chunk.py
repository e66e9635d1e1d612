import os
import random
import sqlite3
import tempfile

SCHEMA = """
create table meter (id integer primary key, region text, tariff text);
create table reading (meter integer, hour integer, kwh real, flag text);
"""


def seed(con):
    rng = random.Random(8)
    con.executescript(SCHEMA)
    con.executemany(
        "insert into meter values (?, ?, ?)",
        ((i, rng.choice("NESW"), rng.choice(["flat", "night", "peak"])) for i in range(400)),
    )
    con.executemany(
        "insert into reading values (?, ?, ?, ?)",
        ((i % 400, i // 400, round(rng.random() * 4, 3), f"q{rng.randint(0, 9999):04d}") for i in range(300000)),
    )
    con.commit()


def price(tariff, hour, kwh):
    clock = hour % 24
    if tariff == "night":
        return kwh * (0.12 if clock < 7 else 0.31)
    if tariff == "peak":
        return kwh * (0.41 if 16 <= clock < 20 else 0.22)
    return kwh * 0.27


def rollup(con):
    rows = con.execute(
        "select m.region, m.tariff, r.hour, r.kwh, r.flag "
        "from reading r join meter m on m.id = r.meter order by r.rowid"
    )
    bill, doubtful = {}, 0
    for region, tariff, hour, kwh, flag in rows:
        key = region, tariff
        bill[key] = bill.get(key, 0.0) + price(tariff, hour, kwh)
        if flag.startswith("q00"):
            doubtful += 1
    return bill, doubtful


def main():
    with tempfile.TemporaryDirectory() as folder:
        con = sqlite3.connect(os.path.join(folder, "grid.db"))
        try:
            seed(con)
            bill, doubtful = rollup(con)
        finally:
            con.close()
    for key in sorted(bill):
        print(*key, f"{bill[key]:.2f}")
    print("doubtful", doubtful)


if __name__ == "__main__":
    main()
