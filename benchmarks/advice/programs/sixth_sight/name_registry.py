"""Parse a long ownership register, keep a sample for spot checks, then answer queries."""
import random
import re

FIELD = re.compile(r"(\w+)=([^;]*)")


def register_lines(seed, count):
    rng = random.Random(seed)
    for n in range(count):
        yield f"plot={n};owner=owner {rng.randrange(9_000_000)};area={rng.randrange(100, 99_999)};road=road {rng.randrange(800_000)}"


class Register:
    def __init__(self):
        self.records = []
        self.sample = []

    def read(self, lines):
        for n, line in enumerate(lines):
            record = FIELD.findall(line)
            self.records.append(record)
            if n % 60 == 0:
                self.sample.append(record)

    def total_area(self):
        return sum(int(value) for record in self.records for key, value in record if key == "area")

    def condense(self):
        self.records.clear()


def spot_check(register):
    longest = max(len(value) for record in register.sample for _, value in record)
    return len(register.sample), longest


def main():
    register = Register()
    register.read(register_lines(1, 110_000))
    print("area", register.total_area())
    register.condense()
    print("sample", spot_check(register))
    return register


if __name__ == "__main__":
    register = main()
