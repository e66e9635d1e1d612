import datetime


def day_count(year):
    first = datetime.date(year, 1, 1)
    return (datetime.date(year + 1, 1, 1) - first).days


def quarter_starts(year):
    return [datetime.date(year, month, 1) for month in (1, 4, 7, 10)]
