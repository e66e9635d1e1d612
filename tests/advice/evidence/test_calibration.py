"""What this machine takes: measured once, remembered, and never believed when damaged."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from memscope.advice.evidence.calibration import DEFAULT_COSTS, host_costs


def test_costs_are_measured_once_and_remembered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    first, second = host_costs(), host_costs()
    assert (first.source, second.source) == ("measured", "remembered")
    assert second.copy_bytes_per_s == first.copy_bytes_per_s
    [stored] = (tmp_path / "memscope").iterdir()
    below_zero = json.dumps(json.loads(stored.read_text()) | {"page_fault_s": -1.0})
    for damage in ("", "[]", "{}", '{"host": 3}', below_zero):
        stored.write_text(damage)
        assert host_costs().source == "measured"
    assert host_costs(calibrate=False) is DEFAULT_COSTS
