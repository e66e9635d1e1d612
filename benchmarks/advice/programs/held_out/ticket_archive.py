# may: chunk
"""Support ticket archive: parse mails, keep a subject line per ticket, then build a report."""
import random
import zlib

WORDS = ("printer invoice login password crash network slow update missing order "
         "refund driver screen keyboard upgrade license renewal error timeout sync").split()


def raw_mails(n, seed=4):
    rng = random.Random(seed)
    for i in range(n):
        headers = [
            f"From: user{rng.randrange(9000)}@example.org",
            f"Subject: {rng.choice(WORDS)} {rng.choice(WORDS)} #{i}",
            f"X-Prio: {rng.randrange(5)}",
            f"Date: {1 + i % 28} Nov 2026",
        ]
        body = " ".join(rng.choices(WORDS, k=30))
        yield "\n".join(headers) + "\n\n" + body


class Mail:
    __slots__ = ("headers", "words", "prio")

    def __init__(self, headers, words):
        self.headers = headers
        self.words = words
        self.prio = int(headers["X-Prio"])

    @classmethod
    def parse(cls, text):
        head, _, body = text.partition("\n\n")
        headers = dict(line.split(": ", 1) for line in head.split("\n"))
        return cls(headers, [w.capitalize() for w in body.split()])


class Archive:
    def __init__(self):
        self.subjects = []
        self.by_prio = {}

    def load(self, mails):
        """Parse a delivery; statistics need all of its mails at once."""
        batch = []
        for text in mails:
            mail = Mail.parse(text)
            batch.append(mail)
            if mail.prio >= 2:
                self.subjects.append(mail.headers["Subject"].lower())  # advise: arena-pinning
        lead = max(batch, key=lambda m: (m.prio, m.headers["From"]))
        for mail in batch:
            self.by_prio[mail.prio] = self.by_prio.get(mail.prio, 0) + len(mail.words)
        return lead.headers["From"], len(batch)


class Bloom:
    """Membership filter; one large plane for each hash seed."""

    def __init__(self, planes=20, bits=25):
        self.mask = (1 << bits) - 1
        self.planes = [bytearray(1 << (bits - 3)) for _ in range(planes)]

    def add(self, text):
        data = text.encode()
        for seed, plane in enumerate(self.planes):
            h = zlib.crc32(data, seed) & self.mask
            plane[h >> 3] |= 1 << (h & 7)

    def __contains__(self, text):
        data = text.encode()
        for seed, plane in enumerate(self.planes):
            h = zlib.crc32(data, seed) & self.mask
            if not plane[h >> 3] >> (h & 7) & 1:
                return False
        return True


def main():
    archive = Archive()
    first, n = archive.load(raw_mails(22_000))
    print("first", first, "of", n)
    print("prio", sorted(archive.by_prio.items()))
    seen = Bloom()
    for subject in archive.subjects:
        seen.add(subject)
    again = sum(1 for k in range(60_000) if f"login password #{k % 30_000}" in seen)
    again += sum(1 for s in archive.subjects[::5] if s in seen)
    print("kept", len(archive.subjects), "seen again", again)


if __name__ == "__main__":
    main()
