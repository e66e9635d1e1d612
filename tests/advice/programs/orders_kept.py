"""Orders that are filled line by line and then kept in the module's list."""


class Order:
    def __init__(self, number):
        self.number = number
        self.lines = []


DONE = []


def take(number):
    order = Order(number)
    for line in range(12):
        order.lines.append(f"{line} of order {number} and what it is about")
    DONE.append(order)  # advise: leak


def main():
    for number in range(6_000):
        take(number)
    print(len(DONE))


main()
