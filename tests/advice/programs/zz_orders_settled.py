"""Few dictionaries that lose nearly all of what was put into them."""

import time


class Store:
    __slots__ = ("orders",)

    def __init__(self):
        self.orders = {}  # advise: over-allocated

    def take(self, count):
        for number in range(count):
            self.orders[number] = number % 7

    def settle(self):
        for number in list(self.orders):
            if number % 900:
                del self.orders[number]


def main():
    stores = []
    for _ in range(12):
        store = Store()
        store.take(40_000)
        store.settle()
        stores.append(store)
    for turn in range(100):  # for two seconds, so that memscope comes to ask
        time.sleep(0.02)
        print(sum(turn * 900 in store.orders for store in stores), [turn] * 40)


main()
