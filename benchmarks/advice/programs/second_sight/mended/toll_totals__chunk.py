# Sums the toll that each gate of a motorway took in a month.
import os
import tempfile

fd, path = tempfile.mkstemp(".csv")
os.close(fd)

GATES = ["Nord", "Sued", "Ost", "West", "Mitte"]
CLASSES = {"car": 4, "van": 6, "truck": 19}


def make(n):
    out = open(path, "w")
    out.write("plate,gate,class,minute\n")
    names = list(CLASSES)
    x = 12345
    for i in range(n):
        x = (x * 1103515245 + 12345) & 0x7FFFFFFF
        out.write("K-%07d,%s,%s,%d\n" % (x % 9999999, GATES[x >> 8 & 3], names[(x >> 4) % 3], i // 5))
    out.close()


def tally():
    totals = {}
    heavy = 0
    f = open(path)
    next(f)
    for line in f:
        plate, gate, kind, minute = line.rstrip().split(",")
        totals[gate] = totals.get(gate, 0) + CLASSES[kind]
        if kind == "truck" and int(minute) % 1440 < 360:
            heavy += 1
    f.close()
    return totals, heavy


make(150000)
try:
    totals, heavy = tally()
finally:
    os.unlink(path)

for gate in sorted(totals):
    print("%-6s %9d EUR" % (gate, totals[gate]))
print("trucks at night:", heavy)
