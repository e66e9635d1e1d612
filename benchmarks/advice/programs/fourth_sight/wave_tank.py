"""Wave tank by finite differences (NumPy), three time levels which take turns."""
import numpy as np


class Tank:
    def __init__(self, side, speed):
        self.old = np.zeros((side, side))
        self.now = np.zeros((side, side))
        self.new = np.zeros((side, side))
        self.work = np.empty((side - 2, side - 2))
        self.c2 = speed * speed

    def drop(self, y, x, height):
        self.now[y - 2:y + 3, x - 2:x + 3] += height

    def step(self):
        u, work = self.now, self.work
        np.add(u[:-2, 1:-1], u[2:, 1:-1], out=work)
        work += u[1:-1, :-2]
        work += u[1:-1, 2:]
        work *= self.c2
        inner = self.new[1:-1, 1:-1]
        np.multiply(u[1:-1, 1:-1], 2 - 4 * self.c2, out=inner)
        inner += work
        inner -= self.old[1:-1, 1:-1]
        self.old, self.now, self.new = self.now, self.new, self.old

    def energy(self):
        return float(np.vdot(self.now, self.now))


def main():
    tank = Tank(900, speed=0.4)
    rng = np.random.default_rng(3)
    trail = []
    for step in range(160):
        if step % 10 == 0:
            tank.drop(*rng.integers(10, 880, 2), height=1.5)
        tank.step()
        if step % 40 == 39:
            trail.append(tank.energy())
    print(" ".join(f"{e:.3f}" for e in trail))


if __name__ == "__main__":
    main()
