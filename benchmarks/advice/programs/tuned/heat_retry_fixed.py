"""Explicit heat-equation solver that halves its time step when a run turns unstable."""
import math
from array import array


class Unstable(ArithmeticError):
    def __init__(self, step, peak):
        super().__init__(f"step {step}: |u| reached {peak:.3e}")
        self.step, self.peak = step, peak


class Rod:
    def __init__(self, cells, kappa=1.0, limit=50.0):
        self.cells, self.kappa, self.limit = cells, kappa, limit

    def initial(self, coarse=4000):
        base = array("d", (math.sin(math.pi * i / coarse) + 0.4 * (i % 2) for i in range(coarse)))
        return base * (self.cells // coarse)

    def evolve(self, ratio, steps, probe):
        """Advances a moving window; returns the sampled temperatures."""
        state = self.initial()
        sampled = []
        for step in range(steps):
            a = (probe + step * 97) % (self.cells - 600)
            window = state[a:a + 600]
            for _ in range(6):
                window = array("d", (
                    u + ratio * (l - 2 * u + r)
                    for l, u, r in zip(window[:1] + window, window, window[1:] + window[-1:])))
            peak = max(map(abs, window))
            if peak > self.limit:
                raise Unstable(step, peak)
            state[a:a + 600] = window
            sampled.append(window[300])
        return sampled


class Driver:
    """Keeps halving the step until a run goes through."""

    def __init__(self, rod):
        self.rod = rod
        self.rejected = []

    def solve(self, dt, horizon):
        while True:
            try:
                return dt, self.rod.evolve(self.rod.kappa * dt, round(horizon / dt), 1000)
            except Unstable as problem:
                self.rejected.append((dt, problem.with_traceback(None)))
                dt /= 2

    def report(self):
        for dt, problem in self.rejected:
            print(f"rejected dt={dt}: {problem}")


def main():
    driver = Driver(Rod(cells=1_600_000))
    dt, sampled = driver.solve(2.4, 480.0)
    driver.report()
    print(f"accepted dt={dt} after {len(driver.rejected)} rejections")
    print(f"{len(sampled)} samples, mean {sum(sampled) / len(sampled):.6f}, last {sampled[-1]:.6f}")


if __name__ == "__main__":
    main()
