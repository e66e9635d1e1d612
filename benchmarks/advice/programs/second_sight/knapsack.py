"""Small knapsack puzzles solved by a recursive closure with a memo."""
from functools import reduce
from itertools import islice


def numbers(seed):
    while True:
        seed = (seed * 1103515245 + 12345) & 0x7FFFFFFF
        yield seed >> 8


def puzzle(seed, items):
    stream = numbers(seed)
    weights = tuple(1 + n % 40 for n in islice(stream, items))
    values = tuple(n % 100 for n in islice(stream, items))
    return weights, values


def solve(weights, values, room):
    reached = bytearray(room * 1500)
    memo = {}

    def best(item, left):
        if item == len(weights):
            return 0
        key = item * 1000 + left
        if key in memo:
            return memo[key]
        reached[key % len(reached)] = 1
        value = best(item + 1, left)
        if weights[item] <= left:
            value = max(value, values[item] + best(item + 1, left - weights[item]))
        memo[key] = value
        return value

    return best(0, room), sum(reached)


def solved(seeds, items, room):
    return (solve(*puzzle(seed, items), room) for seed in seeds)


def fold(total, pair):
    return total[0] + pair[0], total[1] + pair[1]


def main():
    print(reduce(fold, solved(range(400), 14, 110), (0, 0)))


if __name__ == "__main__":
    main()
