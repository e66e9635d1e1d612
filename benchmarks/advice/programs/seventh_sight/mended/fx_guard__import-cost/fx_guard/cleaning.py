import datetime


def usable(value):
    return value == value and value > 0


def day_of(stamp):
    return datetime.date.fromisoformat(stamp).timetuple().tm_yday
