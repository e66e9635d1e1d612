import re
from collections import Counter

from registry import plugin

_tally = Counter()


@plugin("dashes")
def dashes(text):
    return re.sub(r"\s*--\s*", " \u2013 ", text)


@plugin("blanks")
def blanks(text):
    return re.sub(r" {2,}", " ", text)


@plugin("stops")
def stops(text):
    return re.sub(r"\s+([;,.])", r"\1", text)


@plugin("numbers")
def numbers(text):
    def seen(match):
        _tally[len(match.group(1))] += 1
        return "No. " + match.group(1)
    return re.sub(r"#(\d+)", seen, text)


def counts():
    return sorted(_tally.items())
