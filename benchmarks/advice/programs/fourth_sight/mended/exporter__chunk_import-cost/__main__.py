import sys

from orders import orders
from regions import HEAD_OFFICE
from sink import HashingSink


def render(order, depot):
    total = order.qty * order.cents
    return f"{order.number};{order.item};{order.qty};{total / 100:.2f};{depot}\n"


def export(n, sink):
    depot = HEAD_OFFICE[0]
    sink.write("number;item;qty;total;depot\n")
    count = 0
    for order in orders(n):
        sink.write(render(order, depot))
        count += 1
    return count


def main():
    sink = HashingSink()
    count = export(450_000, sink)
    print(count, sink.size, sink.digest.hexdigest()[:10])


if __name__ == "__main__":
    sys.exit(main())
