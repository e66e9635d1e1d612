"""Answer position reports of a fleet of vans with the nearest depot and an address line."""

import functools
import math
import re
from collections import OrderedDict
from collections.abc import Callable

DEPOTS = {
    "north": (53.61, 10.02),
    "harbour": (53.54, 9.95),
    "east": (53.56, 10.15),
    "airport": (53.63, 10.00),
    "south": (53.46, 9.98),
}
REPORT = re.compile(r"van=(\d+);lat=([\d.]+);lon=([\d.]+)")


def memoize(function: Callable, limit: int = 2000) -> Callable:
    """Remember the last answers of a pure function."""
    answers = OrderedDict()

    @functools.wraps(function)
    def wrapper(*args):
        try:
            return answers[args]
        except KeyError:
            result = function(*args)
            if len(answers) >= limit:
                answers.popitem(last=False)
            answers[args] = result
            return result

    return wrapper


@memoize
def locate(lat: float, lon: float) -> tuple[str, float, str]:
    def distance(place: tuple[float, float]) -> float:
        return math.hypot(place[0] - lat, (place[1] - lon) * math.cos(math.radians(lat)))

    name = min(DEPOTS, key=lambda depot: distance(DEPOTS[depot]))
    kilometres = distance(DEPOTS[name]) * 111.2
    return name, kilometres, f"{lat:.6f} N {lon:.6f} E, {kilometres:.2f} km from depot {name}"


def handle(line: str) -> tuple[str, int]:
    report = REPORT.fullmatch(line)
    if report is None:
        raise ValueError(line)
    name, kilometres, address = locate(float(report[2]), float(report[3]))
    return name, len(address) + int(kilometres)


def reports(count: int):
    for n in range(count):
        lat = 53.4 + (n * 7919 % 300007) / 1e6
        lon = 9.8 + (n * 104729 % 400009) / 1e6
        yield f"van={n % 70};lat={lat:.6f};lon={lon:.6f}"


def main() -> None:
    nearest = dict.fromkeys(DEPOTS, 0)
    size = 0
    for line in reports(110_000):
        name, length = handle(line)
        nearest[name] += 1
        size += length
    print(nearest, size)


if __name__ == "__main__":
    main()
