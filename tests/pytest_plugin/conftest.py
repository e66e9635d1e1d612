"""Each test runs pytest in a process of its own, with no plugin but ours and those it names."""

from __future__ import annotations

from collections.abc import Callable

import pytest

Run = Callable[..., pytest.RunResult]


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)

    def run(*arguments: str, plugins: tuple[str, ...] = ()) -> pytest.RunResult:
        named = [word for plugin in plugins for word in ("-p", plugin)]
        return pytester.runpytest_subprocess(
            "-p", "memscope.pytest_plugin", *named, *arguments, timeout=600
        )

    return run
