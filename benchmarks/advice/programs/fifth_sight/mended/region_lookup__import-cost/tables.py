"""Postal code areas. Codes of a band share region, depot and surcharge."""

BANDS = [
    (1000, 19999, "coast", "D-01"),
    (20000, 44999, "plain", "D-02"),
    (45000, 71999, "hills", "D-03"),
    (72000, 99999, "alps", "D-04"),
]


def area(code):
    for low, high, region, depot in BANDS:
        if low <= code <= high:
            return region, depot, 100 + code % 37, (code - low) / (high - low)
    return None
