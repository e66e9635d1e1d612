"""Markers and the fixture: what may be taken, exactly, and what a failure says."""

from __future__ import annotations

from textwrap import dedent

import pytest
from pytest_plugin.conftest import Run


def test_a_test_above_its_limit_fails_and_says_why(pytester: pytest.Pytester, run: Run) -> None:
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.memscope(peak="1 MB")
        def test_over():
            buffer = bytearray(10_000_000)

        @pytest.mark.memscope(peak="10 MB", allocations=2)
        def test_under():
            buffer = bytearray(10_000_000)
        """
    )
    result = run("-q")
    result.assert_outcomes(failed=1, passed=1)
    # An object of 56 bytes and its buffer, to the byte.
    result.stdout.fnmatch_lines(
        [
            "memscope: peak is 9.5 MiB (10,000,??? B), * above the limit of 1.0 MiB (1,048,576 B)",
            "*9.5 MiB*test_a_test_above_its_limit_fails_and_says_why.py:5*test_over",
            "*memscope hotspots --by peak_bytes *.mscope",
        ]
    )


@pytest.mark.parametrize("before", ["", "import json, re, decimal, http.client\n"])
def test_figures_do_not_depend_on_what_ran_before(
    pytester: pytest.Pytester, run: Run, before: str
) -> None:
    pytester.makepyfile(
        before
        + """
import pytest

def test_first():
    [[str(n)] * 3 for n in range(5000)]

@pytest.mark.memscope(allocations=0)
def test_counted():
    rows = [{"a": n, "b": str(n)} for n in range(1000, 2000)]
"""
    )
    exact = [
        line
        for selection in ("test_counted or test_first", "test_counted")
        for line in run("-q", "-k", selection).stdout.lines
        if line.startswith("memscope: allocations is")
    ]
    assert len(exact) == 2
    assert exact[0] == exact[1]


def test_all_limits_of_function_class_module_and_parameter_hold(
    pytester: pytest.Pytester, run: Run
) -> None:
    pytester.makepyfile(
        """
        import unittest
        import pytest

        pytestmark = pytest.mark.memscope(allocated="50 MB")

        @pytest.mark.memscope(peak="1 MB")
        class TestClass:
            @pytest.mark.memscope(allocations=1)
            def test_three(self):
                buffer = bytearray(2_000_000)

        @pytest.mark.parametrize(
            "size", [1, pytest.param(5_000_000, marks=pytest.mark.memscope(peak="1 MB"))]
        )
        def test_parameter(size):
            bytearray(size)

        class TestUnit(unittest.TestCase):
            @pytest.mark.memscope(peak="1 MB")
            def test_unit(self):
                buffer = bytearray(2_000_000)
        """
    )
    result = run("-q")
    result.assert_outcomes(failed=3, passed=1)
    result.stdout.fnmatch_lines(["memscope: allocations is 2, *limit of 1", "*memscope: peak is*"])


def test_what_a_test_leaves_behind(pytester: pytest.Pytester, run: Run) -> None:
    pytester.makepyfile(
        """
        import functools
        import re
        import pytest

        KEPT = []

        @functools.lru_cache
        def cached(number):
            return bytes(5000)

        @pytest.mark.memscope(leaked="1 KB")
        def test_keeps():
            KEPT.append(bytes(5000))

        @pytest.mark.memscope(leaked="1 KB", ignore="keeper")
        def test_ignored():
            def keeper():
                KEPT.append(bytes(5000))
            keeper()

        @pytest.mark.memscope(leaked="1 KB")
        def test_keeps_nothing():
            cycle = [bytes(5000)]
            cycle.append(cycle)
            re.compile("a" * 50)
            cached(1)

        @pytest.mark.memscope(growth="4 KB")
        def test_grows():
            KEPT.append(bytes(5000))
        """
    )
    result = run("-q")
    result.assert_outcomes(passed=3, errors=1, failed=1)
    result.stdout.fnmatch_lines(
        [
            "*memscope: leaked is 4.9 KiB*",
            "*test_keeps",
            "*memscope: growth is 4.9 KiB*",
            "*4.9 KiB*test_grows",  # of one run, as the figure is
        ]
    )


def test_parts_of_a_test(pytester: pytest.Pytester, run: Run) -> None:
    pytester.makepyfile(
        """
        def test_parts(memscope):
            with memscope.limit(peak="1 MB") as part:
                buffer = bytearray(1000)
            assert 1000 < part.peak_bytes < 1200
            assert part.allocations in (2, 3)  # a tuple for the arguments, on some versions
            # On some versions a free list has blocks for a tuple and more, which are gone by now.
            assert part.peak_bytes - 100 <= part.live_bytes <= part.peak_bytes
            with memscope.limit() as part:
                pass
            assert part.allocated_bytes == 0

        def test_too_much(memscope):
            with memscope.limit(peak="1 KB"):
                bytearray(10_000)
        """
    )
    result = run("-q")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["memscope: peak is *limit of 1.0 KiB*"])


MARKED_BY = {
    "modifyitems": """
        def pytest_collection_modifyitems(items):
            for item in items:
                item.add_marker(LIMIT)
        """,
    "modifyitems, last": """
        @pytest.hookimpl(hookwrapper=True, trylast=True)
        def pytest_collection_modifyitems(items):
            yield
            for item in items:
                item.add_marker(LIMIT)
        """,
    "itemcollected": """
        @pytest.hookimpl(trylast=True)
        def pytest_itemcollected(item):
            item.add_marker(LIMIT)
        """,
    "collection_finish": """
        @pytest.hookimpl(trylast=True)
        def pytest_collection_finish(session):
            for item in session.items:
                item.add_marker(LIMIT)
        """,
    "protocol": """
        def pytest_runtest_protocol(item):
            item.add_marker(LIMIT)
        """,
    "setup": """
        def pytest_runtest_setup(item):
            item.add_marker(LIMIT)
        """,
    "fixture": """
        @pytest.fixture(autouse=True)
        def limited(request):
            request.node.add_marker(LIMIT)
        """,
}


@pytest.mark.parametrize("options", [(), ("--memscope",)], ids=["alone", "with --memscope"])
@pytest.mark.parametrize("by", MARKED_BY)
def test_markers_that_hooks_and_fixtures_add_count(
    pytester: pytest.Pytester, run: Run, by: str, options: tuple[str, ...]
) -> None:
    limit = 'import pytest\nLIMIT = pytest.mark.memscope(peak="100 KB")\n'
    pytester.makeconftest(limit + dedent(MARKED_BY[by]))
    pytester.makepyfile(
        """
        def test_over():
            bytearray(500_000)

        def test_over_too():
            bytearray(500_000)

        def test_under():
            pass
        """
    )
    result = run("-q", *options)
    result.assert_outcomes(failed=2, passed=1)
    result.stdout.fnmatch_lines(["memscope: peak is 488 KiB*"] * 2)


def test_a_bad_marker_that_a_hook_adds_gets_one_line(pytester: pytest.Pytester, run: Run) -> None:
    pytester.makeconftest(
        """
        import pytest

        def pytest_collection_modifyitems(items):
            items[0].add_marker(pytest.mark.memscope(peek="1 MB"))
        """
    )
    pytester.makepyfile("def test_it(): pass")
    result = run("-q")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "there is no limit called peek" in result.stderr.str() + result.stdout.str()
    assert "Traceback" not in result.stderr.str() + result.stdout.str()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ('peak="24 potatoes"', "peak: '24 potatoes' is not a size"),
        ("peak=24", "peak: 24 is not a size"),
        ('"24 MB"', "limits are given by name"),
        ('peek="1 MB"', "there is no limit called peek"),
        ('peak="1 MB", native="all"', "native='all' is neither True nor False"),
        ("allocations=-1", "allocations=-1 is not a whole number"),
        ("", "a memscope marker needs a limit"),
    ],
)
def test_bad_markers_get_one_line(
    pytester: pytest.Pytester, run: Run, arguments: str, said: str
) -> None:
    pytester.makepyfile(
        f"""
        import pytest

        @pytest.mark.memscope({arguments})
        def test_it():
            pass
        """
    )
    result = run("-q")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert said in result.stderr.str() + result.stdout.str()
    assert "Traceback" not in result.stderr.str() + result.stdout.str()


@pytest.mark.parametrize(
    ("options", "line"),
    [((), "mine.py:2*fill"), (("--memscope-user-code", "test_named"), "test_named.py:5*test_it")],
)
def test_user_code_is_what_is_named(
    pytester: pytest.Pytester, run: Run, options: tuple[str, ...], line: str
) -> None:
    test = 'import mine, pytest\n\n@pytest.mark.memscope(peak="1 KB")\ndef test_it():\n'
    pytester.makepyfile(
        mine="def fill():\n    return bytearray(300_000)\n", test_named=f"{test}    mine.fill()\n"
    )
    result = run("-q", *options)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([f"*293 KiB*{line}*"])
