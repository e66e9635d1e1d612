"""Outcomes of jobs, those that failed with their exception."""


class Runner:
    def __init__(self):
        self.outcomes = []

    def run(self, number):
        try:
            return self.work(number)
        except ValueError as error:
            self.outcomes.append((number, error))  # advise: leak
            return 0

    def work(self, number):
        rows = [bytearray(100) for _ in range(40)]
        if number % 2:
            raise ValueError(number)
        return len(rows)


RUNNER = Runner()


def main():
    print(sum(RUNNER.run(number) for number in range(8_000)))


main()
