from collections import OrderedDict


class PageCache:
    def __init__(self, limit):
        self.limit = limit
        self.pages = OrderedDict()
        self.hits = 0
        self.misses = 0

    def get(self, key, build):
        page = self.pages.get(key)
        if page is not None:
            self.hits += 1
            self.pages.move_to_end(key)
            return page
        self.misses += 1
        page = self.pages[key] = build()
        if len(self.pages) > self.limit:
            self.pages.popitem(last=False)
        return page
