from collections import defaultdict

from sqlalchemy import select

from .models import Depot, Shipment


class DepotReport:
    def __init__(self, session):
        self.session = session

    def shipments(self):
        query = (
            select(Depot.city, Shipment.consignee, Shipment.reference, Shipment.grams, Shipment.cents)
            .join(Shipment, Shipment.depot_id == Depot.id)
            .order_by(Shipment.id)
        )
        return self.session.execute(query.execution_options(yield_per=500))

    def run(self):
        totals = defaultdict(lambda: [0, 0, 0, 0])
        for city, consignee, reference, grams, cents in self.shipments():
            entry = totals[city]
            entry[0] += 1
            entry[1] += grams
            entry[2] += cents
            entry[3] = (entry[3] * 17 + int(reference[-6:]) + len(consignee)) % 999_983
        return {city: tuple(v) for city, v in sorted(totals.items())}
