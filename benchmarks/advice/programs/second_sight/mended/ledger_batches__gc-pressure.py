# Books batches of payments on many accounts.
import gc
import random

random.seed(20)
ACCOUNTS = {}
rejected = 0


def open_accounts(n):
    for i in range(n):
        ACCOUNTS[i] = ["acc%06d" % i, random.randint(0, 5000), []]


def book(batch):
    global rejected
    for src, dst, amount in batch:
        a, b = ACCOUNTS[src], ACCOUNTS[dst]
        if a[1] < amount:
            rejected += 1
            continue
        a[1] -= amount
        b[1] += amount
        a[2].append(-amount)
        b[2].append(amount)


def batch(size):
    n = len(ACCOUNTS)
    return [(random.randrange(n), random.randrange(n), random.randint(1, 900)) for _ in range(size)]


def tidy():
    return 0


open_accounts(60000)
for number in range(40):
    book(batch(600))
    tidy()

print("rejected", rejected)
print("sum", sum(a[1] for a in ACCOUNTS.values()))
print("busiest", max(len(a[2]) for a in ACCOUNTS.values()))
