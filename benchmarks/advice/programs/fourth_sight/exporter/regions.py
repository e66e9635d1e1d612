"""Post-code geography: which depot serves which code."""

DEPOTS = ("north", "mid", "south", "coast", "isles")


def _place(code):
    return (DEPOTS[(code * 7919) % 5], (code * 31) % 180 - 90, (code * 17) % 360 - 180)


BY_CODE = {f"{code:06d}": _place(code) for code in range(0, 200_000)}

HEAD_OFFICE = BY_CODE["019999"]
