"""What is not given back to a pool, on captures made by hand."""

from __future__ import annotations

from pathlib import Path

import pytest
from advice.handmade import advised
from capture.writer import CaptureWriter


@pytest.mark.parametrize(("most_live", "warms_up"), [(1, False), (6_000, True)])
def test_a_pool_that_made_all_in_one_window_is_judged_by_what_stayed(
    most_live: int, warms_up: bool, tmp_path: Path
) -> None:
    """The first window straddles the middle of the run: when in it objects were made is unknown."""
    source = tmp_path / "app.py"
    source.write_text(
        "class Pool:\n"
        "    def __init__(self):\n"
        "        self.idle = []\n"
        "    def acquire(self):\n"
        "        return self.idle.pop() if self.idle else bytearray(4000)\n"
        "    def release(self, item):\n"
        "        self.idle.append(item)\n"
        "def serve(pool):\n"
        "    item = pool.acquire()\n"
        "    work(item)\n"
        "    pool.release(item)\n"
    )
    writer = CaptureWriter(main=str(source), cwd=str(tmp_path))
    writer.first_window_events = 1_000
    for function, line in (("Pool.acquire", 4), ("serve", 8)):
        writer.first_lines[function] = line
    file = str(source)
    stack = [("<module>", file, 20), ("serve", file, 9), ("Pool.acquire", file, 5)]
    writer.site(stack, size=4_001, count=6_000, live=0, peak=most_live)
    document = advised(writer, tmp_path)
    reasons = [item["reason"] for item in document["rejected"] if item["kind"] == "pool-leak"]
    advice = [item for item in document["advice"] if item["kind"] == "pool-leak"]
    if warms_up:
        assert not advice
        assert any("warms up" in reason for reason in reasons)
    else:
        assert [item["site"]["line"] for item in advice] == [9]
