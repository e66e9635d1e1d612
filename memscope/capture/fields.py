"""Fields of the JSON objects in a capture: what is no such value counts as 0, or as none."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from memscope.capture.columns import WholeUnit

JsonObject = Mapping[str, Any]
_LARGEST = 1 << 64


def scaled(value: int, unit: int) -> float:
    """A counter as stored, in blocks or bytes."""
    return value // unit if unit == 1 or isinstance(unit, WholeUnit) else value / unit


def integer(data: JsonObject, name: str, default: int = 0) -> int:
    value = optional_integer(data, name)
    return default if value is None else value


def optional_integer(data: JsonObject, name: str) -> int | None:
    value = data.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < _LARGEST:
        return None
    return value


def generations(data: JsonObject, name: str) -> tuple[int, ...] | None:
    """One number for each of the collector's three generations; None where they are not known."""
    value = data.get(name)
    if not isinstance(value, list) or len(value) != 3:
        return None
    return tuple(integer({"n": item}, "n") for item in value)


def number(data: JsonObject, name: str) -> float:
    value = data.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return 0.0
    # The comparison also turns away NaN, and integers too large for a float.
    return float(value) if 0 <= value < _LARGEST and math.isfinite(value) else 0.0


def text(data: JsonObject, name: str) -> str:
    value = data.get(name)
    return value if isinstance(value, str) else ""


def counts(data: JsonObject, name: str) -> dict[str, int]:
    value = data.get(name)
    return {key: integer(value, key) for key in value} if isinstance(value, dict) else {}


def texts(data: JsonObject, name: str) -> tuple[str, ...]:
    value = data.get(name)
    if not isinstance(value, list):
        return ()
    return tuple(item for item in value if isinstance(item, str))
