"""Each report registers its own way out at exit, though it is closed long before."""

import atexit


class Report:
    def __init__(self, number):
        self.lines = [f"{number}: line {line}" for line in range(20)]
        atexit.register(self.close)  # advise: leak

    def close(self):
        self.lines = None


def write(number):
    report = Report(number)
    return len(report.lines)


def main():
    print(sum(write(number) for number in range(15_000)))


main()
