import os
import random
import sys
import zlib

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from badge_service.cache import PageCache
from badge_service.views import create_app


def main():
    rng = random.Random(58)
    cache = PageCache(limit=64)
    client = create_app(cache).test_client()
    digest = 0
    for _ in range(1_600):
        number = int(rng.paretovariate(0.6)) % 900
        reply = client.get(f"/badge/project-{number}?w={rng.choice((120, 240))}")
        digest = zlib.crc32(reply.data, digest)
    print(cache.hits, cache.misses, len(cache.pages), digest)


if __name__ == "__main__":
    main()
