"""Which test of a baseline is which of a run.

pytest names tests from its root directory, and finds that by the ini file and by the arguments: the
same test is `tests/test_it.py::test` today and `project/tests/test_it.py::test` tomorrow.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from memscope.pytest_plugin.baseline import Entry


def by_name_here(baseline: Mapping[str, Entry], tests: Collection[str]) -> Mapping[str, Entry]:
    """The entries by the names that this run gives their tests.

    Where not one name is the same, the root has moved: up or down by the directories with which
    most tests find an entry. Where two ways are as good, none is taken.
    """
    if not baseline or not tests or any(test in baseline for test in tests):
        return baseline
    known = set(tests)
    more = Counter(above for test in tests for above, rest in _cuts(test) if rest in baseline)
    fewer = Counter(above for test in baseline for above, rest in _cuts(test) if rest in known)
    ways = [(times, above, True) for above, times in more.items()]
    ways += [(times, above, False) for above, times in fewer.items()]
    ways.sort(reverse=True)
    if not ways or (len(ways) > 1 and ways[0][0] == ways[1][0]):
        return baseline
    _, above, added = ways[0]
    if added:
        return {above + test: _moved(entry, above, "") for test, entry in baseline.items()}
    of_tests = (item for item in baseline.items() if item[0].startswith(above))
    return {test[len(above) :]: _moved(entry, "", above) for test, entry in of_tests}


def _moved(entry: Entry, added: str, removed: str) -> Entry:
    functions = tuple(
        share
        if share.place.startswith(("/", "<"))
        else share._replace(place=added + share.place.removeprefix(removed))
        for share in entry.functions
    )
    return replace(entry, test=added + entry.test.removeprefix(removed), functions=functions)


def _cuts(test: str) -> Iterator[tuple[str, str]]:
    """Each way to cut directories off a test's name."""
    path = test.partition("::")[0]
    at = path.find("/")
    while at >= 0:
        yield test[: at + 1], test[at + 1 :]
        at = path.find("/", at + 1)
