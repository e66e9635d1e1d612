from collections import Counter


def self_time(index, start, stop):
    totals = Counter()
    for stack, cost in index.window(start, stop):
        totals[stack[-1]] += cost
    return totals


def inclusive(index, name, start, stop):
    return sum(cost for stack, cost in index.window(start, stop) if name in stack)


def hottest(index, start, stop):
    totals = Counter()
    for stack, cost in index.window(start, stop):
        totals[stack] += cost
    return totals.most_common(1)[0]
