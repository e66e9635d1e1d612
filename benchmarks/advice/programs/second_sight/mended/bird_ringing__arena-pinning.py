# Simulates bird ringing: many sightings per season, few are kept.
import random

random.seed(77)
SEASONS = 3
RINGED = []
buffers = []
seen_last = 0


def sight(n):
    x = random.random()
    y = x * 2.5 + n
    return (n, x, y, -x)


def season(size):
    seen = []
    for n in range(size):
        seen.append(sight(n))
    global seen_last
    seen_last = seen[-1][0]
    from array import array
    flat = array("d", (v for i in range(0, size, 40) for v in seen[i]))
    del seen
    RINGED.extend((int(flat[i]), flat[i + 1], flat[i + 2], flat[i + 3]) for i in range(0, len(flat), 4))


def maps(count):
    # one raster per month, each drawn in place
    for month in range(count):
        raster = bytearray(4000 * 1000)
        for n, x, y, z in RINGED[month::count]:
            raster[int(x * 3999999)] = n & 255
        buffers.append(raster)


season(260000)
maps(12)
total = 0
for raster in buffers:
    total += sum(raster[::97]) + len(raster)
print(len(RINGED), total)
print("%.6f" % sum(r[3] for r in RINGED))
