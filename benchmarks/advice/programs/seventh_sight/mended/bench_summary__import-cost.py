import csv
import io
import random


def samples(cases, runs, seed):
    rng = random.Random(seed)
    out = io.StringIO()
    writer = csv.writer(out)
    for case in range(cases):
        base = rng.uniform(1, 30)
        for run in range(runs):
            writer.writerow((f"case{case:03d}", run, f"{base * rng.uniform(0.95, 1.3):.4f}"))
        yield from out.getvalue().splitlines()
        out.seek(0)
        out.truncate()


class Case:
    def __init__(self, name):
        self.name = name
        self.count = 0
        self.fastest = float("inf")
        self.total = 0.0

    def add(self, seconds):
        self.count += 1
        self.total += seconds
        self.fastest = min(self.fastest, seconds)

    @property
    def mean(self):
        return self.total / self.count


def gather(lines):
    cases = {}
    for name, _, seconds in csv.reader(lines):
        case = cases.get(name)
        if case is None:
            case = cases[name] = Case(name)
        case.add(float(seconds))
    return cases


def overall(cases):
    ratios = [case.mean / case.fastest for case in cases.values()]
    return f"{sum(ratios) / len(ratios):.6f} {max(ratios):.6f}"


def main():
    cases = gather(samples(160, 1100, 14))
    print(len(cases), overall(cases))
    for case in sorted(cases.values(), key=lambda c: -c.mean)[:3]:
        print(case.name, case.count, f"{case.mean:.4f} {case.fastest:.4f}")


if __name__ == "__main__":
    main()
