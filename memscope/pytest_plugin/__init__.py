"""Memory budgets and regressions where people test; silent until asked.

pytest loads this module at every start, so it imports nothing: the rest comes with the first test
that is to be measured.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from memscope.pytest_plugin.parts import Limiter
    from memscope.pytest_plugin.session import Session

# name, pytest's type of the ini value, metavar, help
_OPTIONS: tuple[tuple[str, str, str | None, str], ...] = (
    ("memscope", "bool", None, "Record every test and show the heaviest."),
    (
        "memscope-no-objects",
        "bool",
        None,
        "Count what is live at the lines that allocated it, not at those that made the objects.",
    ),
    (
        "memscope-native",
        "bool",
        None,
        "Count what C libraries request, too, in every test that is recorded.",
    ),
    ("memscope-top", "string", "N", "How many tests the table shows; 0: all.  [10]"),
    (
        "memscope-sort",
        "string",
        "MEASURE",
        "What the table is sorted by: peak, allocated, allocations or live.  [peak]",
    ),
    ("memscope-dir", "string", "DIR", "Keep the capture of every phase there."),
    ("memscope-json", "string", "FILE", "Write all figures there, as JSON."),
    ("memscope-report", "string", "FILE", "Write all figures there, as one HTML page."),
    ("memscope-save", "string", "FILE", "Write a baseline, to be committed."),
    (
        "memscope-widen",
        "bool",
        None,
        "With --memscope-save: add this run to the file, to learn which tests are unsteady.",
    ),
    ("memscope-compare", "string", "FILE", "Compare with a baseline."),
    (
        "memscope-fail-on",
        "string",
        "LIMITS",
        "Fail tests that grew by more over the baseline: peak:10%+4KB,allocations:5%.",
    ),
    (
        "memscope-user-code",
        "string",
        "NAMES",
        "Packages and paths whose lines are user code, with commas between.",
    ),
)
_LATE = "memscope-late"
_NAMES = tuple(name.replace("-", "_") for name, *_ in _OPTIONS)
MARKER = (
    "memscope(peak=None, allocated=None, allocations=None, leaked=None, growth=None, ignore=(), "
    "native=False): limits of the memory that a test takes (docs/pytest.md)."
)


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("memscope", "memory, recorded by memscope")
    for name, kind, metavar, text in _OPTIONS:
        ini = name.replace("-", "_")
        shown = text.replace(
            "%", "%%"
        )  # argparse formats an option's help, pytest an ini key's not
        if kind == "bool":
            group.addoption(f"--{name}", action="store_true", default=None, help=shown)
            parser.addini(ini, text, type="bool", default=False)
        else:
            group.addoption(f"--{name}", metavar=metavar, default=None, help=shown)
            parser.addini(ini, text, type="string", default="")


def _setting(config: pytest.Config, name: str) -> Any:
    """An option from the command line or, where it is not given there, from the ini file."""
    given = config.getoption(name)
    return config.getini(name) if given is None else given


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", MARKER)
    if config.getoption("help", False):
        return
    # An option that is given with nothing is told so, and not passed over.
    if any(config.getoption(name) is not None or _setting(config, name) for name in _NAMES):
        _session(config)
    else:
        config.pluginmanager.register(_Late(), _LATE)


def _session(config: pytest.Config) -> Session:
    from memscope.pytest_plugin.session import Session

    session: Session | None = config.pluginmanager.get_plugin("memscope-session")
    if session is None:
        settings = {name: _setting(config, name) for name in _NAMES}
        session = Session.of(config, settings)
        config.pluginmanager.register(session, "memscope-session")
        if config.pluginmanager.has_plugin(_LATE):
            config.pluginmanager.unregister(name=_LATE)
    return session


def _wake(item: pytest.Item) -> None:
    """A marker or the fixture wakes the plugin up where no option did."""
    if item.get_closest_marker("memscope") or "memscope" in getattr(item, "fixturenames", ()):
        _session(item.config).check(item)


def pytest_itemcollected(item: pytest.Item) -> None:
    _wake(item)


@pytest.hookimpl(trylast=True)
def pytest_collection_finish(session: pytest.Session) -> None:
    # Hooks add markers to tests that were collected without one.
    for item in session.items:
        _wake(item)


class _Late:
    """Looks for markers that hooks and fixtures add to a test as it is set up.

    It is there until something is to be measured: then it would count itself.
    """

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        _wake(item)


@pytest.fixture(name="memscope")
def _memscope(request: pytest.FixtureRequest) -> Limiter:
    """Limits for parts of a test: `with memscope.limit(peak="1 MB") as m: …`, then m.peak_bytes."""
    from memscope.pytest_plugin.parts import Limiter

    return Limiter(_session(request.config).part, request.node)
