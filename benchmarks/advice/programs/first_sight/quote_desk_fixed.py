"""Option quotes on a moving underlying; quotes are asked for in bursts within a tick."""
import functools
import math
import random


def normal_cdf(x):
    return 0.5 * (1 + math.erf(x / math.sqrt(2)))


class Market:
    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.tick = 0
        self.spot = 100.0
        self.vol = 0.2

    def advance(self):
        self.tick += 1
        self.spot *= math.exp(self.rng.gauss(0, 0.0008))
        self.vol = min(0.6, max(0.08, self.vol + self.rng.gauss(0, 0.001)))


# may: compact gc-pressure
class Quote:
    def __init__(self, strike, bid, ask, greeks):
        self.strike = strike
        self.bid = bid
        self.ask = ask
        self.greeks = greeks

    @property
    def mid(self):
        return (self.bid + self.ask) / 2


class Pricer:
    """Same strike, same tick: same quote, so repeated questions are cheap."""

    def __init__(self, market):
        self.market = market
        self.asked = 0

    def quote(self, strike, days):
        self.asked += 1
        return self._price(self.market.tick, strike, days)

    @functools.lru_cache(maxsize=128)
    def _price(self, tick, strike, days):
        m = self.market
        t = days / 365
        width = m.vol * math.sqrt(t)
        d1 = (math.log(m.spot / strike) + m.vol ** 2 / 2 * t) / width
        d2 = d1 - width
        value = m.spot * normal_cdf(d1) - strike * normal_cdf(d2)
        greeks = {"delta": normal_cdf(d1), "gamma": math.exp(-d1 * d1 / 2) / (m.spot * width), "d2": d2}
        spread = 0.01 + 0.002 * value
        return Quote(strike, value - spread, value + spread, greeks)


class Trader:
    def __init__(self, number, rng):
        self.number = number
        self.rng = rng
        self.cash = 0.0
        self.position = 0

    def act(self, pricer):
        strike = 90 + self.rng.randrange(20)
        days = self.rng.choice((7, 30, 90))
        q = pricer.quote(strike, days)
        if q.greeks["delta"] > 0.5 and self.position > -20:
            self.cash += q.bid
            self.position -= 1
        elif q.mid < 4 and self.position < 20:
            self.cash -= q.ask
            self.position += 1


def main():
    market = Market(1)
    pricer = Pricer(market)
    traders = [Trader(i, random.Random(i)) for i in range(25)]
    for _ in range(4500):
        market.advance()
        for t in traders:
            t.act(pricer)
    print("asked", pricer.asked, f"spot {market.spot:.4f} vol {market.vol:.4f}")
    for t in traders[:6]:
        print(t.number, t.position, f"{t.cash:.3f}")


if __name__ == "__main__":
    main()
