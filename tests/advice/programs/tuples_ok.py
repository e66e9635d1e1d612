from collections import namedtuple

P = namedtuple("P", "x y")
pts = [P(i % 100, i % 50) for i in range(20000)]
pts.sort(key=lambda p: p.y)
print(pts[3], len(pts))
