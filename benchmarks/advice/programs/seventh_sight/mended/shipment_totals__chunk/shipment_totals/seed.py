import random

from sqlalchemy import insert

from .models import Depot, Shipment

CITIES = ("Lyon", "Ghent", "Turin", "Basel", "Porto", "Malmo", "Graz", "Brno")


def batches(total, size, rng):
    for start in range(0, total, size):
        yield [
            {
                "depot_id": rng.randint(1, len(CITIES)),
                "consignee": f"Consignee {rng.randrange(9000)} Street {n % 77}",
                "reference": f"REF/{n:07d}/{rng.randrange(10**6):06d}",
                "grams": rng.randint(200, 60_000),
                "cents": rng.randint(400, 20_000),
            }
            for n in range(start, start + size)
        ]


def populate(session, total=40_000):
    rng = random.Random(2024)
    session.execute(insert(Depot), [{"id": n, "city": c} for n, c in enumerate(CITIES, 1)])
    for rows in batches(total, 1000, rng):
        session.execute(insert(Shipment), rows)
    session.commit()
