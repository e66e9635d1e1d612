import pandas as pd


def usable(value):
    return not pd.isna(value) and value > 0


def day_of(stamp):
    return pd.Timestamp(stamp).dayofyear
