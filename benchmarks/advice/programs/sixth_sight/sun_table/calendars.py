import datetime

import pandas as pd


def day_count(year):
    first = datetime.date(year, 1, 1)
    return (datetime.date(year + 1, 1, 1) - first).days


def quarter_starts(year):
    stamps = pd.date_range(f"{year}-01-01", periods=4, freq="QS")
    return [stamp.date() for stamp in stamps]
