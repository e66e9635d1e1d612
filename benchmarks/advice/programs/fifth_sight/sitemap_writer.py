import hashlib
import random
from io import BytesIO
from urllib.parse import quote

LIMIT = 14_000_000
HEAD = b'<?xml version="1.0"?>\n<urlset>\n'
TAIL = b"</urlset>\n"


class Sitemap:
    """One sitemap part, signed when full: the signature goes in front of the text."""

    def __init__(self):
        self.out = BytesIO()
        self.out.write(HEAD)
        self.urls = 0

    def add(self, url, priority):
        self.out.write(b"<url><loc>%s</loc><priority>%.1f</priority></url>\n"
                       % (url.encode(), priority))
        self.urls += 1

    @property
    def full(self):
        return self.out.tell() > LIMIT

    def finish(self):
        self.out.write(TAIL)
        with self.out.getbuffer() as text:
            return len(text), hashlib.sha1(text).hexdigest()[:12]


def pages(count, seed=83):
    rng = random.Random(seed)
    words = ("shoe", "grün", "blue hat", "lamp", "désk")
    for number in range(count):
        yield f"https://shop.example/{quote(rng.choice(words))}/{number}", rng.random()


def write(stream):
    part = Sitemap()
    for url, priority in stream:
        part.add(url, priority)
        if part.full:
            yield part.urls, part.finish()
            part = None
            part = Sitemap()
    yield part.urls, part.finish()


def main():
    for urls, (size, digest) in write(pages(380_000)):
        print(urls, size, digest)


if __name__ == "__main__":
    main()
