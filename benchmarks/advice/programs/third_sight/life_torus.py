import random
import zlib


class Torus:
    def __init__(self, width, height, seed):
        rng = random.Random(seed)
        self.width = width
        self.height = height
        self.now = bytearray(rng.random() < 0.3 for _ in range(width * height))
        self.then = bytearray(width * height)

    def step(self):
        w, h, now, then = self.width, self.height, self.now, self.then
        for r in range(h):
            up = ((r - 1) % h) * w
            mid = r * w
            down = ((r + 1) % h) * w
            cols = [now[up + c] + now[mid + c] + now[down + c] for c in range(w)]
            for c in range(w):
                alive = now[mid + c]
                around = cols[c - 1] + cols[c] + cols[(c + 1) % w] - alive
                then[mid + c] = around == 3 or (alive and around == 2)
        self.now, self.then = then, now

    def population(self):
        return self.now.count(1)

    def picture(self, rows, cols):
        for r in range(rows):
            line = self.now[r * self.width:r * self.width + cols]
            yield line.translate(bytes.maketrans(b"\0\1", b".#")).decode()


def main():
    torus = Torus(220, 130, 35)
    history = [torus.population()]
    for _ in range(120):
        torus.step()
        history.append(torus.population())
    print("population", history[::20], f"{zlib.crc32(torus.now):08x}")
    print(*torus.picture(6, 60), sep="\n")


if __name__ == "__main__":
    main()
