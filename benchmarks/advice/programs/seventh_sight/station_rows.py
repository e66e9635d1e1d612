import csv
import io
import math
import random

FIELDS = ("station", "hour", "temperature", "pressure", "humidity", "wind")


def observations(count, seed):
    rng = random.Random(seed)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(FIELDS)
    for n in range(count):
        yield_line = (
            n % 60,
            n // 60,
            f"{rng.gauss(11, 6):.2f}",
            f"{rng.gauss(1013, 8):.1f}",
            f"{rng.uniform(20, 100):.1f}",
            f"{rng.expovariate(0.2):.2f}",
        )
        writer.writerow(yield_line)
        if out.tell() > 32_000:
            yield from out.getvalue().splitlines()
            out.seek(0)
            out.truncate()
    yield from out.getvalue().splitlines()


def load(lines):
    rows = []
    for record in csv.DictReader(lines):
        rows.append({
            "station": int(record["station"]),
            "hour": int(record["hour"]),
            "temperature": float(record["temperature"]),
            "pressure": float(record["pressure"]),
            "humidity": float(record["humidity"]),
            "wind": float(record["wind"]),
        })
    return rows


def dew_point(row):
    gamma = math.log(row["humidity"] / 100) + 17.62 * row["temperature"] / (243.12 + row["temperature"])
    return 243.12 * gamma / (17.62 - gamma)


def correlate(rows, pick_x, pick_y):
    n = len(rows)
    mean_x = sum(map(pick_x, rows)) / n
    mean_y = sum(map(pick_y, rows)) / n
    top = sum((pick_x(r) - mean_x) * (pick_y(r) - mean_y) for r in rows)
    left = sum((pick_x(r) - mean_x) ** 2 for r in rows)
    right = sum((pick_y(r) - mean_y) ** 2 for r in rows)
    return top / math.sqrt(left * right)


def windiest(rows, count):
    return sorted(rows, key=lambda r: (-r["wind"], r["hour"]))[:count]


def main():
    rows = load(observations(90_000, 8))
    print(len(rows), f"{correlate(rows, dew_point, lambda r: r['temperature']):.5f}")
    print(f"{correlate(rows, lambda r: r['pressure'], lambda r: r['wind']):.5f}")
    for row in windiest(rows, 3):
        print(row["station"], row["hour"], row["wind"], f"{dew_point(row):.2f}")


if __name__ == "__main__":
    main()
