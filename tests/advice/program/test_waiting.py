"""What keeps a name's block in a cycle when its function has ended."""

from __future__ import annotations

import ast
import textwrap

import pytest

from memscope.advice.program.source import SourceFile
from memscope.advice.program.waiting import waits_only_with, waits_with


def asked(code, ask=waits_with):
    """Of the first line that assigns to `table`."""
    code = textwrap.dedent(code)
    source = SourceFile(code.encode(), ast.parse(code))
    line = next(n for n, text in enumerate(code.splitlines(), 1) if "table = " in text)
    return ask(source.statement(line), "table")


CLOSURE = """
def best(text):
    table = bytearray(len(text))
    def at(place):
        return at(place - 1) + table[place] if place else 0
    {after}
"""

RETRIES = """
def fetch(store):
    table = bytearray(store.size)
    problem = None
    for _ in range(6):
        try:
            return store.read_into(table)
        except OSError as error:
            {caught}
    {after}
"""


@pytest.mark.parametrize(
    ("after", "by"),
    [
        ("return at(len(text))", "at"),
        ("found = at(len(text)); at = None; return found", ""),
        ("found = at(len(text)); del at; return found", ""),
        ("return at", ""),  # the caller has it
        ("store(at)", ""),
        ("return table", ""),
        ("yield at(len(text))", ""),
    ],
)
def test_a_function_that_calls_itself_keeps_what_it_uses(after, by):
    assert asked(CLOSURE.format(after=after)) == by


def test_a_function_within_that_does_not_use_the_name_keeps_nothing():
    assert asked(CLOSURE.format(after="return at(1)").replace("+ table[place]", "")) == ""


def test_a_function_within_that_does_not_call_itself_is_in_no_cycle():
    assert asked(CLOSURE.format(after="return at(1)").replace("at(place - 1) +", "")) == ""


@pytest.mark.parametrize(
    ("caught", "after", "by"),
    [
        ("problem = error", "return problem.errno", "problem"),
        ("problem = error", "problem = None", ""),
        ("problem = error", "del problem", ""),
        ("problem = error.errno", "return problem", ""),
        ("problem = error", "problem.__traceback__ = None", ""),
        ("print(error)", "return None", ""),
    ],
)
def test_an_exception_that_a_name_keeps_has_the_frame(caught, after, by):
    assert asked(RETRIES.format(caught=caught, after=after)) == by


def test_what_somebody_else_holds_does_not_wait_alone():
    code = CLOSURE.format(after="kept.append(table); return at(1)")
    assert asked(code) == "at"
    assert asked(code, waits_only_with) == ""
