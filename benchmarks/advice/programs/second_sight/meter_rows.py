# Hourly meter readings: finds the stations which stray from their neighbours.
import os
import random
import tempfile

STATIONS = 400
HOURS = 260
UNITS = ["kilowatt-hours", "cubic metres (gas)", "cubic metres (water)"]

handle, NAME = tempfile.mkstemp(suffix=".txt")
os.close(handle)


def write_file():
    rng = random.Random(99)
    f = open(NAME, "w")
    for hour in range(HOURS):
        for s in range(STATIONS):
            f.write("%d;substation-north-%05d;%s;%.3f\n" % (hour, s, UNITS[s % 3], rng.random() * 50))
    f.close()


def load():
    rows = []
    f = open(NAME)
    for line in f:
        parts = line.rstrip("\n").split(";")
        rows.append({"hour": int(parts[0]), "station": parts[1], "unit": parts[2], "value": float(parts[3])})
    f.close()
    return rows


def averages(rows, key):
    sums = {}
    for row in rows:
        k = row[key]
        v = row["value"]
        n, t = sums.get(k, (0, 0.0))
        sums[k] = (n + 1, t + v)
    return {k: t / n for k, (n, t) in sums.items()}


write_file()
ROWS = load()
by_station = averages(ROWS, "station")
by_unit = averages(ROWS, "unit")
strays = [r for r in ROWS if abs(r["value"] - by_station[r["station"]]) > 29.5]
print(len(ROWS), len(strays), sum(r["hour"] for r in strays))
for unit in sorted(by_unit):
    print("%-22s %.4f" % (unit, by_unit[unit]))
os.unlink(NAME)
