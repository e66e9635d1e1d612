# The game of life on a torus, row sums done with big ints.
W = 220
H = 160

cells = bytearray(W * H)
other = bytearray(W * H)
ages = [bytearray(W * H) for _ in range(150)]
population = []


def seed():
    x = 42
    for i in range(W * H):
        x = (x * 1103515245 + 12345) & 0x7FFFFFFF
        cells[i] = x >> 16 & 1


def row(y):
    y = y % H
    return y * W


def step():
    global cells, other
    for y in range(H):
        up, here, down = row(y - 1), row(y), row(y + 1)
        for x in range(W):
            l = x - 1 if x else W - 1
            r = x + 1 if x + 1 < W else 0
            n = (cells[up + l] + cells[up + x] + cells[up + r] + cells[here + l] + cells[here + r]
                 + cells[down + l] + cells[down + x] + cells[down + r])
            other[here + x] = n == 3 or (n == 2 and cells[here + x])
    cells, other = other, cells


def remember(generation):
    ages[generation % len(ages)][:] = cells
    population.append(sum(cells))


seed()
for generation in range(40):
    step()
    remember(generation)

still = 0
for a, b in zip(ages[:38], ages[2:40]):
    still += sum(1 for i in range(0, W * H, 53) if a[i] == b[i])
print(population[0], population[-1], min(population), still)
