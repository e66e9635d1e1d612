def mul(a, b):
    bt = list(zip(*b))
    return [[sum(x * y for x, y in zip(r, c)) for c in bt] for r in a]


n = 90
a = [[(i * j) % 7 for j in range(n)] for i in range(n)]
for _ in range(3):
    a = [[v % 1000 for v in r] for r in mul(a, a)]
print(sum(map(sum, a)))
