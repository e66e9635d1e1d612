import random

from evaluator import execute
from parser import parse


def generated_source(count, seed=71):
    rng = random.Random(seed)
    lines = ["let t0 = 17"]
    for index in range(1, count):
        first, second = rng.randrange(index), rng.randrange(index)
        lines.append(f"let t{index} = (t{first} + {rng.randrange(90)}) * t{second} % 9973")
        if index % 11 == 0:
            lines.append(f"set t{first} = t{index} + 1")
        if index % 400 == 0:
            lines.append(f"emit t{index} * t{second} - t{first}")
    return "\n".join(lines)


def main():
    program = list(parse(generated_source(9000)))
    values = []
    scope = execute(program, values.append)
    print(len(program), len(scope.names), sum(scope.names.values()) % 65521)
    print(values[:5], sum(values) % 65521)


main()
