"""Calls of which others measured how long they take."""

from __future__ import annotations

import ast

from memscope.advice.program.source import SourceFile

# Seconds to make one, the lower of those measured on CPython 3.11 to 3.13.
KNOWN_S = {
    "random.Random": 12e-6,
    "sqlite3.connect": 18e-6,
    "ssl.create_default_context": 2e-3,
    # With a thread that it starts and waits for.
    "concurrent.futures.ThreadPoolExecutor": 150e-6,
    "concurrent.futures.thread.ThreadPoolExecutor": 150e-6,
    "requests.Session": 50e-6,
    "requests.sessions.Session": 50e-6,
}  # fmt: skip


def is_known(call: ast.Call, source: SourceFile | None) -> bool:
    """Whether it is known how long a call takes: longer than a pool."""
    return source is not None and source.full_name(call) in KNOWN_S
