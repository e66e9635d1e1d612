"""Couriers whose tickets lie on a shelf for each district until they are written on again."""

import random
from collections import deque


class Ticket:
    __slots__ = ("district", "number", "weight")

    def __init__(self, district):
        self.district = district
        self.number = 0
        self.weight = 0.0


class Drawer:
    def __init__(self):
        self._shelves = {}

    def blank(self, district):
        shelf = self._shelves.setdefault(district, deque())
        if not shelf:
            return Ticket(district)
        return shelf.pop()  # advise: over-pooled

    def clear(self, ticket):
        shelf = self._shelves.setdefault(ticket.district, deque())
        ticket.weight = 0.0
        shelf.append(ticket)


class Courier:
    def __init__(self, drawer):
        self.drawer = drawer
        self.bag = []

    def load(self, district, number, weight):
        ticket = self.drawer.blank(district)
        ticket.number = number
        ticket.weight = weight
        self.bag.append(ticket)

    def deliver(self):
        weight = 0.0
        for ticket in self.bag:
            weight += ticket.weight
            self.drawer.clear(ticket)
        self.bag.clear()
        return weight


draw = random.Random(3)
courier = Courier(Drawer())
delivered = 0.0
for tour in range(3000):
    for number in range(30):
        courier.load(number % 7, number, draw.random())
    delivered += courier.deliver()
print(round(delivered))
