# forbid: leak over-pooled compact
"""Unit-conversion engine with registered plugins and a graph of conversions."""
import random
from collections import defaultdict, deque
from fractions import Fraction

UNITS = {}
CONVERTERS = defaultdict(dict)


class UnknownUnit(KeyError):
    pass


class Unit:
    def __init__(self, symbol, quantity):
        self.symbol, self.quantity = symbol, quantity

    def __init_subclass__(cls, **kw):
        super().__init_subclass__(**kw)
        UNITS[cls.symbol] = cls(cls.symbol, cls.quantity)


def register(symbol, quantity):
    unit = UNITS[symbol] = Unit(symbol, quantity)
    return unit


def factor(src, dst, ratio):
    ratio = Fraction(ratio)
    CONVERTERS[src][dst] = ratio
    CONVERTERS[dst][src] = 1 / ratio


def load_plugins():
    for prefix, power in (("n", -9), ("u", -6), ("m", -3), ("", 0), ("k", 3), ("M", 6)):
        for base, quantity in (("m", "length"), ("g", "mass"), ("s", "time"), ("J", "energy"), ("W", "power")):
            register(prefix + base, quantity)
            if prefix:
                factor(prefix + base, base, Fraction(10) ** power)
    for sym, base, ratio in (
        ("in", "m", "0.0254"), ("ft", "in", 12), ("yd", "ft", 3), ("mi", "yd", 1760),
        ("oz", "g", "28.349523125"), ("lb", "oz", 16), ("min", "s", 60), ("h", "min", 60), ("d", "h", 24),
        ("cal", "J", "4.184"), ("hp", "W", "745.7"),
    ):
        register(sym, UNITS[base].quantity)
        factor(sym, base, ratio)


class Engine:
    def __init__(self):
        self.routes = {}
        self.lookups = 0

    def route(self, src, dst):
        """Breadth first; the result is remembered per pair of known units."""
        try:
            return self.routes[src, dst]
        except KeyError:
            pass
        if src not in UNITS or dst not in UNITS:
            raise UnknownUnit(src if src not in UNITS else dst)
        self.lookups += 1
        seen = {src: Fraction(1)}
        todo = deque([src])
        while todo:
            here = todo.popleft()
            if here == dst:
                break
            for nxt, ratio in CONVERTERS[here].items():
                if nxt not in seen:
                    seen[nxt] = seen[here] * ratio
                    todo.append(nxt)
        ratio = seen.get(dst)
        self.routes[src, dst] = None if ratio is None else float(ratio)
        return self.routes[src, dst]

    def convert(self, value, src, dst):
        ratio = self.route(src, dst)
        if ratio is None:
            raise ValueError(f"{src} and {dst} are not compatible")
        return value * ratio


def main():
    load_plugins()
    eng = Engine()
    rng = random.Random(60)
    symbols = sorted(UNITS) + ["parsec"]
    done = wrong = unknown = 0
    total = 0.0
    for _ in range(780_000):
        src, dst = symbols[int(rng.random() * len(symbols))], symbols[int(rng.random() * len(symbols))]
        try:
            total += eng.convert(rng.random(), src, dst) % 1.0
            done += 1
        except UnknownUnit:
            unknown += 1
        except ValueError:
            wrong += 1
    print("units", len(UNITS), "routes", len(eng.routes), "lookups", eng.lookups)
    print("done", done, "wrong", wrong, "unknown", unknown, f"{total:.6f}")


if __name__ == "__main__":
    main()
