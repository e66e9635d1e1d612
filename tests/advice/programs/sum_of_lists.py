"""Pages of a listing, put together by adding list to list."""


def page(number):
    return [f"entry {number}.{place}" for place in range(number % 5 + 1)]


def listing(pages):
    return sum(map(page, range(pages)), [])  # advise: grow-copy


print(len(listing(4_000)))
