"""A crawl of a made-up site: who has been where is a set that each visit makes anew."""


def links(page):
    return [(page * 7 + step) % 9_000 for step in (1, 3, 8)]


def with_page(seen, page):
    return seen | {page}  # advise: grow-copy


def crawl(start):
    seen, waiting = frozenset(), [start]
    while waiting:
        page = waiting.pop()
        if page in seen:
            continue
        seen = with_page(seen, page)
        waiting.extend(links(page))
    return seen


print(len(crawl(0)))
