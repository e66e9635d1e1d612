"""Lamps that burn out leave the rack, and the clock that calls their method keeps them."""


class Clock:
    def __init__(self):
        self.ticking = []
        self.now = 0

    def call_each(self, function):
        self.ticking.append(function)  # advise: leak

    def advance(self):
        self.now += 1
        if self.now % 500 == 0:
            for function in self.ticking:
                function(self.now)


class Lamp:
    def __init__(self, clock, place):
        self.place = place
        self.until = clock.now + 60
        self.levels = bytearray(300)
        clock.call_each(self.dim)

    def dim(self, now):
        self.levels[now % 300] = max(self.until - now, 0) % 256


class Rack:
    def __init__(self):
        self.clock = Clock()
        self.lamps = {}

    def mount(self, place):
        self.lamps[place] = Lamp(self.clock, place)

    def unmount(self, place):
        return self.lamps.pop(place).levels[0]


def main():
    rack, total = Rack(), 0
    for number in range(24_000):
        rack.mount(f"lamp {number}")
        if number >= 60:
            total += rack.unmount(f"lamp {number - 60}")
        rack.clock.advance()
        total += sum(len(str(step)) for step in range(20))
    print(len(rack.lamps), total)


main()
