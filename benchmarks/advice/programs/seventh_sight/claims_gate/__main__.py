import json
import os
import random
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from claims_gate.gate import Gate


def payloads(count, seed):
    rng = random.Random(seed)
    for number in range(count):
        country = rng.choice(("DE", "FR", "IT", "x1", "PL", "SE", "PT", "ES", "NL"))
        lines = [
            {"code": f"ART{rng.randrange(900):03d}", "units": rng.randint(1, 9), "cents": rng.randrange(9_000)}
            for _ in range(12)
        ]
        yield json.dumps([{"number": number, "country": country, "lines": lines}])


def main():
    gate = Gate(recent=20)
    accepted = sum(gate.submit(payload) for payload in payloads(12_000, seed=61))
    print(accepted, len(gate.last_errors), sorted(gate.totals.items()))


if __name__ == "__main__":
    main()
