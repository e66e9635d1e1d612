import os
import random
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from tariff_desk.desk import TariffDesk
from tariff_desk.tables import open_engine


def main():
    rng = random.Random(101)
    zones = [f"Z{n:02d}" for n in range(30)]
    engine = open_engine([
        {"zone": zone, "floor": step * 250, "rate": round(rng.uniform(1, 9), 3)} for zone in zones for step in range(40)
    ])
    desk = TariffDesk(engine)
    print("rows", desk.load())
    total = 0.0
    for n in range(900_000):
        total += desk.quote(zones[n % 30], n * 37 % 11_000)
        if n % 3_000 == 0:
            total -= desk.average(zones[n // 3_000 % 30])
    print(round(total, 3))


if __name__ == "__main__":
    main()
