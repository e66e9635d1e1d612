import os
import random
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from conn_broker.converter import Converter, UnknownCurrency
from conn_broker.pool import ConnectionPool


def main():
    rng = random.Random(15)
    converter = Converter(ConnectionPool(32))
    total, unknown = 0.0, 0
    for _ in range(24_000):
        code = f"C{rng.randrange(430):03d}"
        try:
            total += converter.convert(code, rng.randint(1, 5_000))
        except UnknownCurrency:
            unknown += 1
    print(round(total, 4), unknown)


if __name__ == "__main__":
    main()
