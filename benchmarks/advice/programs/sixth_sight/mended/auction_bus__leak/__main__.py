import random

from bidding import Auction
from bus import Bus


def main():
    rng = random.Random(2)
    bus = Bus()
    revenue = 0
    sold = 0
    for lot in range(2_500):
        auction = Auction(lot, rng.randrange(50, 500), bus)
        for bidder in range(rng.randrange(2, 9)):
            bus.publish(f"bid.{lot}", bidder=bidder, cents=rng.randrange(40, 900))
        price = auction.close()
        if price:
            sold += 1
            revenue += price
    print("sold", sold, "revenue", revenue, "events", bus.published)
    return bus


if __name__ == "__main__":
    bus = main()
