import bisect

from sqlalchemy import func, select

from .tables import tariff


class TariffDesk:
    def __init__(self, engine):
        self.engine = engine
        self.by_zone = {}

    def load(self):
        query = select(tariff.c.zone, tariff.c.floor, tariff.c.rate)
        with self.engine.connect() as connection:
            rows = connection.execute(query).all()
        rows.sort(key=lambda row: (row.zone, row.floor))
        for zone, floor, rate in rows:
            floors, rates = self.by_zone.setdefault(zone, ([], []))
            floors.append(floor)
            rates.append(rate)
        return len(rows)

    def quote(self, zone, grams):
        floors, rates = self.by_zone[zone]
        return rates[max(bisect.bisect_right(floors, grams) - 1, 0)] * grams / 1000

    def average(self, zone):
        query = select(func.avg(tariff.c.rate)).where(tariff.c.zone == zone)
        with self.engine.connect() as connection:
            return connection.execute(query).scalar_one()
