import bisect


def chain_lengths(limit):
    lengths = [0] * limit
    lengths[1] = 1
    for start in range(2, limit):
        value = start
        steps = 0
        while value >= start:
            value = value * 3 + 1 if value & 1 else value >> 1
            steps += 1
        lengths[start] = lengths[value] + steps
    return lengths


def running_totals(lengths):
    total = 0
    totals = [0]
    for length in lengths:
        total += length
        totals.append(total)
    return totals


class RangeSums:
    def __init__(self, totals):
        self.totals = totals

    def between(self, low, high):
        return self.totals[high] - self.totals[low]

    def first_reaching(self, amount):
        return bisect.bisect_left(self.totals, amount)


def records(lengths):
    best = 0
    for start, length in enumerate(lengths):
        if length > best:
            best = length
            yield start, length


def main():
    limit = 1_000_000
    lengths = chain_lengths(limit)
    sums = RangeSums(running_totals(lengths))
    found = list(records(lengths))
    print(len(found), found[-3:])
    step = limit // 9
    print([sums.between(low, low + step) for low in range(0, limit - step + 1, step)])
    print([sums.first_reaching(amount) for amount in (10_000, 1_000_000, 30_000_000)])


if __name__ == "__main__":
    main()
