"""Postal code areas. Codes of a band share region, depot and surcharge."""

BANDS = [
    (1000, 19999, "coast", "D-01"),
    (20000, 44999, "plain", "D-02"),
    (45000, 71999, "hills", "D-03"),
    (72000, 99999, "alps", "D-04"),
]


def _expand(bands):
    table = {}
    for low, high, region, depot in bands:
        for code in range(low, high + 1):
            table[code] = (region, depot, 100 + code % 37, (code - low) / (high - low))
    return table


AREAS = _expand(BANDS)


def area(code):
    return AREAS.get(code)
