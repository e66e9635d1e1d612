"""Runs a stream of textual job commands."""
import argparse
import random
import shlex
import statistics


class Job:
    def __init__(self, ident, options):
        self.ident = ident
        self.options = options
        self.samples = None

    def execute(self):
        rng = random.Random(self.ident * 7 + self.options.seed)
        self.samples = [rng.random() * self.options.scale for _ in range(self.options.size)]
        return self

    def result(self):
        pick = {"mean": statistics.fmean, "max": max, "min": min}[self.options.stat]
        return round(pick(self.samples), 6)

    def close(self):
        self.samples = None


def parse(line):
    parser = argparse.ArgumentParser(prog="job")
    parser.add_argument("name")
    parser.add_argument("--size", type=int, default=100)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--stat", choices=("mean", "max", "min"), default="mean")
    return parser.parse_args(shlex.split(line))


def command_stream(count):
    rng = random.Random(14)
    for number in range(count):
        words = [f"'job {number}'", f"--size {rng.randrange(200, 700)}"]
        if number % 2:
            words.append(f"--stat {rng.choice(('mean', 'max', 'min'))}")
        if number % 5 == 0:
            words.append(f"--scale {rng.randrange(1, 9)}.5")
        yield number, " ".join(words)


class Runner:
    def __init__(self):
        self.done = 0
        self.checksum = 0.0
        self.by_stat = {}

    def run(self, commands):
        for number, line in commands:
            job = Job(number, parse(line)).execute()
            value = job.result()
            self.done += 1
            self.checksum += value
            stat = job.options.stat
            self.by_stat[stat] = self.by_stat.get(stat, 0) + 1
            job.close()


def main():
    runner = Runner()
    runner.run(command_stream(2600))
    print(runner.done, "jobs", sorted(runner.by_stat.items()))
    print("checksum %.5f" % runner.checksum)


if __name__ == "__main__":
    main()
