import sys

from orders import orders
from regions import HEAD_OFFICE
from sink import HashingSink


def render(order, depot):
    total = order.qty * order.cents
    return f"{order.number};{order.item};{order.qty};{total / 100:.2f};{depot}\n"


def export(n, sink):
    depot = HEAD_OFFICE[0]
    rendered = [render(order, depot) for order in orders(n)]
    sink.write("number;item;qty;total;depot\n")
    for row in rendered:
        sink.write(row)
    return len(rendered)


def main():
    sink = HashingSink()
    count = export(450_000, sink)
    print(count, sink.size, sink.digest.hexdigest()[:10])


if __name__ == "__main__":
    sys.exit(main())
