from functools import lru_cache


@lru_cache(maxsize=256)
def price(k):
    return [k] * 100


print(sum(len(price(i * 7 % 3001)) for i in range(60000)))
