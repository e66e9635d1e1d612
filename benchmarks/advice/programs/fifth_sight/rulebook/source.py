import random

CATALOG = [
    ("big", "amount > 4500 and not trusted", 40),
    ("abroad", "country not in home_countries and amount > 300", 25),
    ("night", "0 <= hour < 5 and channel == 'web'", 15),
    ("burst", "recent >= 6 or (recent >= 4 and channel == 'web')", 30),
    ("round", "amount % 100 == 0 and amount >= 1000", 10),
    ("new", "age_days < 30 and amount > 800", 20),
    ("odd", "(amount * 7 + hour) % 53 == 0", 5),
]


def transactions(count, seed=1):
    rng = random.Random(seed)
    for number in range(count):
        yield {
            "id": number,
            "amount": rng.randrange(1, 6000),
            "trusted": rng.random() < 0.6,
            "country": rng.choice(("DE", "FR", "US", "BR", "JP")),
            "home_countries": ("DE", "FR"),
            "hour": rng.randrange(24),
            "channel": rng.choice(("web", "pos", "atm")),
            "recent": rng.randrange(8),
            "age_days": rng.randrange(2000),
        }
