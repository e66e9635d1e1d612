"""Answers that fit into a conversation: the first items of each list, and how many follow."""

from __future__ import annotations

from typing import Any

WHOLE = ("stack", "command")  # lists of which a part would be another thing


def shortened(document: dict[str, Any], most: int) -> dict[str, Any]:
    """The document with at most so many items in each list; 0 for all.

    `left_out` says how many were cut, by the name of the list: `unseen.owners`.
    """
    if most <= 0:
        return document
    left_out: dict[str, int] = {}
    cut = {name: _cut(value, name, most, left_out) for name, value in document.items()}
    return {**cut, "left_out": left_out} if left_out else cut


def _cut(value: Any, name: str, most: int, left_out: dict[str, int]) -> Any:
    if isinstance(value, dict):
        return {key: _cut(each, f"{name}.{key}", most, left_out) for key, each in value.items()}
    if not isinstance(value, list) or name.rpartition(".")[2] in WHOLE:
        return value
    if len(value) > most:
        left_out[name] = left_out.get(name, 0) + len(value) - most
    return [_cut(each, name, most, left_out) for each in value[:most]]
