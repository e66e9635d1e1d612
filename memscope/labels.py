"""Labels of captures, `service=api`: how they are written, and which captures have them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

MOST_LABELS = 32
MOST_VALUE = 256  # characters

_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,62}")


def parse_labels(words: Iterable[str]) -> dict[str, str]:
    """Labels of words KEY=VALUE; of two with one key the last counts.

    Raises ValueError, with a reason in words, for what is none, and for more than `MOST_LABELS`.
    """
    labels = dict(map(_parse, words))
    if len(labels) > MOST_LABELS:
        raise ValueError(f"{len(labels)} labels are too many: at most {MOST_LABELS}")
    return labels


def is_label(key: str, value: str) -> bool:
    return _KEY.fullmatch(key) is not None and 0 < len(value) <= MOST_VALUE and value.isprintable()


def _parse(word: str) -> tuple[str, str]:
    key, _, value = word.partition("=")
    if not is_label(key, value):
        raise ValueError(
            f"{word!r} is not a label: write KEY=VALUE, a key of letters, digits, _ . and -,"
            f" and a value of 1 to {MOST_VALUE} plain characters"
        )
    return key, value


def has_labels(labels: Mapping[str, str], wanted: Mapping[str, str]) -> bool:
    """Whether all that are wanted are there, with these values."""
    return all(labels.get(key) == value for key, value in wanted.items())
