import random
import sys


def plans(coins, amount, most):
    memo = {}

    def ways(left, index, used):
        if left == 0:
            return 1
        if index == len(coins) or used == most:
            return 0
        key = (left << 12) | (index << 8) | used
        known = memo.get(key)
        if known is None:
            known = ways(left, index + 1, used)
            if coins[index] <= left:
                known += ways(left - coins[index], index, used + 1)
            memo[key] = known
        return known

    answer = ways(amount, 0, 0), len(memo)
    del ways
    return answer


def tills(count, seed):
    rng = random.Random(seed)
    for _ in range(count):
        coins = sorted(rng.sample((1, 2, 3, 5, 7, 10, 12, 20, 25, 50), 5), reverse=True)
        yield coins, rng.randrange(90, 320), rng.randrange(10, 40)


def main():
    sys.setrecursionlimit(5000)
    total = states = 0
    best = (0, None)
    for coins, amount, most in tills(170, 21):
        count, size = plans(coins, amount, most)
        total = (total + count) % 1_000_000_007
        states += size
        best = max(best, (count, (amount, most, tuple(coins))))
    print(total, states)
    print(best)


if __name__ == "__main__":
    main()
