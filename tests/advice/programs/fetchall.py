import sqlite3

db = sqlite3.connect(":memory:")
db.execute("create table t (id integer, name text, v real)")
db.executemany("insert into t values (?,?,?)", ((i, f"name{i}", i / 3) for i in range(150000)))


def report(db):
    total = 0.0
    for id, name, v in db.execute("select * from t").fetchall():  # advise: chunk
        total += v if name.endswith("7") else 0
    return total


print(report(db))
