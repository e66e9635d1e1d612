import array
import random
from collections import namedtuple

Reading = namedtuple("Reading", "sensor tick value status")


def readings(count, seed):
    rng = random.Random(seed)
    for tick in range(count):
        value = rng.gauss(20.0, 3.0)
        yield Reading(1000 + tick % 700, 300 + tick, value, "ok" if value < 32 else "hot")


def sift(count, seed):
    window = list(readings(count, seed))
    window.sort(key=lambda r: r.value)
    middle = window[len(window) // 2].value
    alarms = []
    by_tick = sorted(window, key=lambda r: r.tick)
    for reading in by_tick:
        if reading.status == "hot":
            alarms.append(reading)
    for reading in by_tick[::6000]:
        alarms.append(reading)
    return middle, alarms


class Sound:
    BURST = 100_000

    def __init__(self, count):
        self.samples = array.array("d", bytes(8 * self.BURST * count))

    def burst(self, place, alarm):
        start = place * self.BURST
        pitch, decay = alarm.sensor / 9000, alarm.value * 0.5
        self.samples[start:start + self.BURST] = array.array(
            "d", (decay * ((n * pitch) % 2 - 1) for n in range(self.BURST))
        )

    def echo(self, stride):
        return sum(a * b for a, b in zip(self.samples[::stride], reversed(self.samples[stride // 2::stride])))


def main():
    middle, kept = sift(260_000, 23)
    packed = "\n".join(f"{a.sensor} {a.tick} {a.value!r} {a.status}" for a in kept)
    del kept
    alarms = []
    for line in packed.split("\n"):
        s, t, v, status = line.split()
        alarms.append(Reading(int(s), int(t), float(v), status))
    alarms = alarms[:54]
    sound = Sound(len(alarms))
    for place, alarm in enumerate(alarms):
        sound.burst(place, alarm)
    print(f"{middle:.6f}", len(alarms), len(sound.samples))
    print(f"{sound.echo(40):.4f}", alarms[0].tick, alarms[-1].status)


if __name__ == "__main__":
    main()
