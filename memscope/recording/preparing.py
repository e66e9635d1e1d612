"""What is looked at and looked up before a program is recorded.

A process of its own may do it: what is imported for it is then not in the supervisor's memory while
the program runs.
"""

from __future__ import annotations

import sys

from memscope.compiled import check_compiled
from memscope.plain import replace
from memscope.recording.meta import described, prefixes
from memscope.recording.native import check_native
from memscope.recording.projects import project_of
from memscope.recording.runoptions import Prepared, RunOptions
from memscope.recording.sampling import check_budget, check_distance, distance_of
from memscope.recording.starters import starters_file
from memscope.recording.target import Target, check_target, command_of, main_of


def prepare(target: Target, options: RunOptions) -> Prepared:
    """Raises MemscopeError where it cannot be recorded."""
    from memscope import _recorder

    check_compiled(_recorder)
    check_target(target, options.output)
    check_budget(options.budget)
    if options.budget:  # to tell of objects costs as much again, also while it samples
        distance = distance_of(options.sample_bytes, options.budget)
        options = replace(options, sample_bytes=distance, objects=False)
    check_distance(options.sample_bytes)
    check_native(options.native, options.sample_bytes)
    options = _with_project(target, options)
    return Prepared(
        target,
        options,
        None if options.output is None else str(options.output),
        described(command_of(target), main_of(target), options),
        starters_file() or "",
        _value_of(target),
    )


def _value_of(target: Target) -> str:
    if target.kind == "command" and sys.version_info >= (3, 14):
        import textwrap

        return textwrap.dedent(target.value)  # as the interpreter does since 3.14
    return target.value


def _with_project(target: Target, options: RunOptions) -> RunOptions:
    """Whose code the program's is, by what is installed here: looked up before it starts."""
    site = prefixes()["site"]
    head = 0 if sys.flags.safe_path else 1  # the directory of our own script
    return replace(options, project=project_of(target, site, sys.path[head:]))
