"""What holds for every test, however the suite is started.

Where all is installed, a test that is skipped for a reason that nobody named is a failure.
EXPECTED_SKIPS holds patterns of reasons, one a line; unset, every skip is allowed. A test
that quietly stopped running looks like one that passes.

Programs under test inherit which signals are ignored. A shell's background jobs ignore SIGINT
and SIGQUIT, and those of nohup SIGHUP: there a program that waits for one would wait for ever.

No example of a property has a time in which it must be done: other programs take the processors.
"""

from __future__ import annotations

import os
import re
import signal

import pytest

try:
    from hypothesis import settings
except ImportError:  # the oldest pytest is tried without it
    pass
else:
    settings.register_profile("untimed", settings(), deadline=None)
    settings.load_profile("untimed")

EXPECTED = os.environ.get("EXPECTED_SKIPS")
NOT_IGNORED = {
    signal.SIGHUP: signal.SIG_DFL,
    signal.SIGINT: signal.default_int_handler,
    signal.SIGQUIT: signal.SIG_DFL,
    signal.SIGTERM: signal.SIG_DFL,
}


class SkipWatch:
    """Notes each skip whose reason is not among the expected ones."""

    def __init__(self, expected: str) -> None:
        self._expected = [re.compile(line) for line in expected.splitlines() if line.strip()]
        self.unexpected: list[str] = []

    def note(self, report: pytest.TestReport | pytest.CollectReport) -> None:
        if not report.skipped or hasattr(report, "wasxfail"):
            return
        reason = str(report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr)
        reason = reason.removeprefix("Skipped: ")
        if not any(pattern.search(reason) for pattern in self._expected):
            self.unexpected.append(f"{report.nodeid}: {reason}")

    pytest_runtest_logreport = note
    pytest_collectreport = note

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self.unexpected and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self.unexpected:
            terminalreporter.section("skipped for a reason that is not expected", red=True)
            for line in self.unexpected:
                terminalreporter.line(line)


def pytest_configure(config: pytest.Config) -> None:
    for number, usual in NOT_IGNORED.items():
        if signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(number, usual)
    if EXPECTED is not None and not hasattr(config, "workerinput"):
        config.pluginmanager.register(SkipWatch(EXPECTED), "memscope-skips")
