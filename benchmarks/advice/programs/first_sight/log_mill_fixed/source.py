import random

PAGES = ["/", "/cart", "/item/{}", "/search?q={}", "/login", "/static/site.css"]
AGENTS = ["Mozilla/5.0 (X11; Linux x86_64)", "curl/8.4", "Crawler/2.1 (+http://example.invalid/bot)"]


def write_log(out, lines, seed=2):
    rng = random.Random(seed)
    now = 1_700_000_000
    for i in range(lines):
        now += rng.random() < 0.3
        visitor = i // 6 + rng.randrange(40)
        page = rng.choice(PAGES).format(rng.randrange(500))
        status = rng.choices((200, 304, 404, 500), (80, 10, 8, 2))[0]
        out.write(f'{now} v{visitor:06d} "GET {page}" {status} {rng.randrange(200, 9000)} "{rng.choice(AGENTS)}"\n')


class LogFile:
    def __init__(self, handle):
        self.handle = handle

    def lines(self):
        return self.handle
