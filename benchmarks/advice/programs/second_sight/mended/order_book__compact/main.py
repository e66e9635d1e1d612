"""Matches a day's worth of orders."""
from book import Book, Order
from flow import orders


def main() -> None:
    book = Book()
    for order in orders(140_000, seed=21):
        book.place(order)
    print("trades", book.trades, "volume", book.volume)
    print("depth", len(book.bids), len(book.asks), book.checksum())


if __name__ == "__main__":
    main()
