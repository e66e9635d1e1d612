"""Keeps track of how the run is going, for the status line."""

from collections import deque

_steps = deque(maxlen=1)


def record(number, words, top):
    _steps.append({"doc": number, "words": words, "top": top})


def status_line():
    if not _steps:
        return "idle"
    latest = _steps[-1]
    return f"doc {latest['doc']}: {len(latest['words'])} words, top {latest['top']}"
