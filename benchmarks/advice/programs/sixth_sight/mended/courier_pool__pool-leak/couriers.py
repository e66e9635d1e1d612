import math

from atlas import Atlas


class Undeliverable(Exception):
    pass


class Courier:
    """Knows the street atlas by heart; learning it takes a while."""

    def __init__(self):
        self.atlas = Atlas()

    def carry(self, parcel):
        if not parcel["street"]:
            raise Undeliverable(parcel["no"])
        distance = self.atlas.distance(parcel["street"], parcel["no"] % 90)
        return parcel["grams"] + math.floor(distance)


class Depot:
    def __init__(self, size):
        self.size = size
        self.waiting = []

    def call(self):
        if self.waiting:
            return self.waiting.pop()
        return Courier()

    def dismiss(self, courier):
        if len(self.waiting) < self.size:
            self.waiting.append(courier)

    def deliver(self, parcel):
        courier = self.call()
        try:
            return courier.carry(parcel)
        finally:
            self.dismiss(courier)
