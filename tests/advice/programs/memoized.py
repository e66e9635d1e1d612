"""functools.cache on a function of what never comes again."""

from functools import lru_cache


class Geo:
    @staticmethod
    @lru_cache(maxsize=None)
    def lookup(address):  # advise: leak
        parts = address.split(".")
        return {"parts": parts, "name": "-".join(parts), "number": sum(map(int, parts))}


def main():
    seen = 0
    for number in range(15_000):
        address = f"10.{number % 250}.{number // 250 % 250}.{number % 97}"
        found = Geo.lookup(address)
        words = [str(step) for step in range(60)]
        seen += found["number"] + len(words)
    print(seen)


main()
