import os
import random
import sys
import zlib

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from quote_desk.app import create_app


def main():
    rng = random.Random(41)
    client = create_app().test_client()
    digest = 0
    for n in range(320):
        lines = [[f"P{rng.randrange(240):04d}", rng.randint(1, 80)] for _ in range(rng.randint(2, 40))]
        reply = client.post("/quotes", json={"customer": f"Customer {n % 37}", "lines": lines})
        digest = zlib.crc32(reply.data, digest)
    print(client.get("/stats").get_json(), digest)


if __name__ == "__main__":
    main()
