"""Post-code geography: which depot serves which code."""

DEPOTS = ("north", "mid", "south", "coast", "isles")


def _place(code):
    return (DEPOTS[(code * 7919) % 5], (code * 31) % 180 - 90, (code * 17) % 360 - 180)


HEAD_OFFICE = _place(19999)
