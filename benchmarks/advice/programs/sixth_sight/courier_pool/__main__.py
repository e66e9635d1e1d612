import random

from couriers import Depot, Undeliverable


def main():
    rng = random.Random(21)
    depot = Depot(size=8)
    weight = 0
    returned = 0
    for n in range(25_000):
        parcel = {"no": n, "grams": rng.randrange(100, 9_000), "street": rng.choice(["Hafen", "Ring", "Tor", ""])}
        try:
            weight += depot.deliver(parcel)
        except Undeliverable:
            returned += 1
    print("delivered grams", weight, "returned", returned)


if __name__ == "__main__":
    main()
