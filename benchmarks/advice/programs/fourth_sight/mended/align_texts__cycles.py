"""Edit distances between passages, with the choice of the cheapest script."""
import random
import sys
from array import array


def distance(left, right, swap=1):
    width = len(right) + 1
    memo = array("q", [-1]) * ((len(left) + 1) * width)

    def best(i, j):
        if i == 0:
            return j
        if j == 0:
            return i
        at = i * width + j
        known = memo[at]
        if known >= 0:
            return known
        if left[i - 1] == right[j - 1]:
            answer = best(i - 1, j - 1)
        else:
            answer = swap + min(best(i - 1, j), best(i, j - 1), best(i - 1, j - 1))
        memo[at] = answer
        return answer

    try:
        return best(len(left), len(right))
    finally:
        best = None


def texts(rng, n):
    letters = "aeioulnrst"
    for _ in range(n):
        yield "".join(rng.choices(letters, k=rng.randrange(220, 320)))


def main():
    sys.setrecursionlimit(2000)
    rng = random.Random(63)
    pool = list(texts(rng, 8))
    closest = (10**6, "", "")
    total = 0
    for i, a in enumerate(pool):
        for b in pool[:i]:
            d = distance(a, b)
            total += d
            closest = min(closest, (d, a, b))
    print(total, closest[0], closest[1][:20], closest[2][:20])


if __name__ == "__main__":
    main()
