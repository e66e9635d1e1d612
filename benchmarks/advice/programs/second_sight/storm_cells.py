"""Storm radar: tiles are composed in bursts, then tracked."""
import threading
from collections import deque

TILE = 128 * 1024


class Tiles:
    def __init__(self):
        self.lock = threading.Lock()
        self.free = deque()
        self.made = 0

    def take(self):
        with self.lock:
            if self.free:
                return self.free.pop()
            self.made += 1
        return bytearray(TILE)

    def give(self, tile):
        with self.lock:
            self.free.append(tile)


class Radar:
    def __init__(self, tiles):
        self.tiles = tiles
        self.echo = 0
        self.lock = threading.Lock()

    def burst(self, size):
        held = [self.tiles.take() for _ in range(size)]
        for number, tile in enumerate(held):
            tile[number * 64 : number * 64 + 4] = number.to_bytes(4, "big")
        with self.lock:
            self.echo += sum(tile[number * 64 + 3] for number, tile in enumerate(held))
        for tile in held:
            self.tiles.give(tile)

    def sweep(self, number):
        tile = self.tiles.take()
        tile[number % TILE] = number & 0xFF
        self.echo += tile[number % TILE]
        self.tiles.give(tile)


def tracks(count):
    return {n: (n * 0.25, n * 0.75, n % 360) for n in range(count)}


def main():
    radar = Radar(Tiles())
    radar.burst(400)
    threads = [threading.Thread(target=radar.sweep, args=(k,)) for k in range(60)]
    for thread in threads:
        thread.start()
        thread.join()
    known = tracks(200_000)
    for number in range(20_000):
        radar.sweep(number)
    print(radar.echo, sum(angle for _, _, angle in known.values()))


main()
