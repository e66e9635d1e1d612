import csv
import io


def make(n):
    b = io.StringIO()
    b.write("a,b,c,d\n")
    for i in range(n):
        b.write(f"{i},{i * 2},x{i % 7},{i % 3}\n")
    b.seek(0)
    return b


def load(f):
    return list(csv.DictReader(f))  # advise: compact


def main():
    rows = load(make(60000))
    by = {}
    for r in rows:
        by[r["c"]] = by.get(r["c"], 0) + int(r["a"])
    rows.sort(key=lambda r: r["d"])
    print(by["x3"], rows[5]["a"])


main()
