"""Reads a web server's log in one-day batches, keeps the odd slow request, then paints the day's chart."""

import random
import re
import zlib
from array import array

LINE = re.compile(r"(\S+) (\S+) (\d+) (\d+)ms (.*)")


def day_log(requests, seed):
    rng = random.Random(seed)
    agents = ["curl/8", "Mozilla/5.0 (X11; Linux)", "feedreader 2.1", "monitor"]
    for number in range(requests):
        cost = 5000 if number % 1500 == 700 else rng.randint(2, 400)
        yield f"10.0.{rng.randrange(256)}.{rng.randrange(256)} /item/{number:07} 200 {cost}ms {rng.choice(agents)}"


class Report:
    def __init__(self):
        self.slow = []
        self.medians = []

    def take(self, lines):
        costs, texts = array("I"), []
        for line in lines:
            host, path, status, cost, agent = LINE.match(line).groups()
            text = f"{host} asked for {path} with {agent} and got {status} in {cost} ms"
            texts.append(text)
            costs.append(int(cost))
            if costs[-1] >= 1000:
                self.slow.append(text.replace("asked for", "waited on"))  # advise: arena-pinning
        longest = max(texts, key=len)
        spread = sum(len(longest) - len(text) for text in texts)
        self.medians.append((sorted(costs)[len(costs) // 2], spread))

    def chart(self, width, height):
        """A picture of the median, painted in one go and packed."""
        canvas = bytearray(3 * width * height)
        for column in range(0, width, 8):
            level = self.medians[column % len(self.medians)][0] * height // 400
            for y in range(height - level, height, 16):
                at = 3 * (y * width + column)
                canvas[at : at + 3] = b"\x20\x60\xc0"
        return zlib.crc32(canvas)


def main():
    report = Report()
    for day in range(2):
        report.take(day_log(100_000, day))
    checksum = report.chart(4800, 3000)
    print(len(report.slow), report.medians, report.slow[-1], checksum)


if __name__ == "__main__":
    main()
