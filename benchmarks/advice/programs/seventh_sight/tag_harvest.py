import random
import zlib


class Crawl:
    def __init__(self, seed, pages):
        self.rng = random.Random(seed)
        self.pages = pages

    def links(self):
        bits = self.rng.getrandbits
        graph = {}
        for number in range(self.pages):
            graph[f"/site/{bits(20):06x}/page-{number}"] = [f"/ref/{bits(40):010x}/{number % 977}" for _ in range(3)]
        return graph


class Harvest:
    def __init__(self):
        self.flagged = []
        self.counts = []

    def absorb(self, graph):
        inbound = {}
        for page, links in graph.items():
            for link in links:
                inbound[link[-3:]] = inbound.get(link[-3:], 0) + 1
        for page, links in graph.items():
            if min(links)[5:7] > "e6" and inbound[links[0][-3:]] > 100:
                self.flagged.append(min(links))
        self.counts.append((len(graph), len(inbound)))


class Raster:
    def __init__(self, side):
        self.side = side
        self.cells = bytearray(side * side)

    def plot(self, links):
        for link in links:
            self.cells[int(link[5:15], 16) % len(self.cells)] ^= 0xFF

    def rotated(self):
        return bytes(self.cells[::-1])


def main():
    harvest = Harvest()
    for wave in range(2):
        harvest.absorb(Crawl(wave, 90_000).links())
    raster = Raster(6_500)
    raster.plot(harvest.flagged)
    turned = raster.rotated()
    print(harvest.counts, len(harvest.flagged), zlib.crc32(raster.cells), zlib.crc32(turned))


if __name__ == "__main__":
    main()
