"""Of the readings of a long run a few are kept, one here and one there."""

import math


def settle(count):
    level, readings = 20.0, []
    for number in range(count):
        level += 0.02 * (60.0 - level) + math.sin(number) - 0.5  # advise: arena-pinning
        readings.append(level)  # advise: compact
    return readings


def waypoints(count, every):
    readings = settle(count)
    return readings[::every]


def main():
    points = waypoints(1_000_000, 400)
    told = 0
    for number in range(2_000_000):
        told += len(str(number)) + (points[number % len(points)] > 60)
    print(len(points), told)


main()
