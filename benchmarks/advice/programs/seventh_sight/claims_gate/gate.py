from pydantic import ValidationError

from .schema import ORDERS


class Gate:
    def __init__(self, recent):
        self.recent = recent
        self.totals = {}
        self.last_errors = []

    def submit(self, payload):
        try:
            orders = ORDERS.validate_json(payload)
        except ValidationError as error:
            self.last_errors.append(error.error_count())
            del self.last_errors[:-self.recent]
            return 0
        for order in orders:
            cents = 0
            for line in order.lines:
                cents += line.units * line.cents
            self.totals[order.country] = self.totals.get(order.country, 0) + cents
        return len(orders)
