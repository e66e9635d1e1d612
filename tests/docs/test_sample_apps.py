"""The sample apps that are pages to follow: what they show before and after is what comes out."""

from __future__ import annotations

from pathlib import Path

import pytest

from docs import pages

APPS = pages.ROOT / "sample_apps"
FOLLOWED = ["cached_methods", "killed_at_limit", "leaking_sessions", "native_databases"]


@pytest.mark.parametrize("name", FOLLOWED)
def test_a_sample_app_shows_what_it_says(name: str, tmp_path: Path) -> None:
    app = pages.copy_of(f"sample_apps/{name}", tmp_path)
    pages.hold(app / "README.md", app)


def test_each_is_in_the_list() -> None:
    listed = (APPS / "README.md").read_text(encoding="utf-8")
    for name in FOLLOWED:
        assert f"[{name}]({name}/)" in listed
        assert {path.name for path in (APPS / name).glob("*.py")} >= {"before.py", "after.py"}
