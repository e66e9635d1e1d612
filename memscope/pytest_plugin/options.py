"""What the command line and the ini file ask for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from memscope.analysis.limits import GrowthLimit
from memscope.errors import MemscopeError
from memscope.pytest_plugin.baseline import (
    Entry,
    load_baseline,
    load_for_comparison,
    of_this_python,
    parse_fail_on,
)
from memscope.recording.projects import named

SORTS = ("peak", "allocated", "allocations", "live")


@dataclass(frozen=True, slots=True)
class Options:
    """The options of a run, each as it is used."""

    everything: bool  # every test is to be recorded
    top: int | None  # None: as many as fit the verbosity
    sort: str
    captures: Path | None  # where they are kept
    json: Path | None
    report: Path | None
    save: Path | None
    widen: bool
    compare: Path | None
    baseline: dict[str, Entry] | None  # by test
    fail_on: dict[str, GrowthLimit]
    user_code: tuple[str, ...]
    objects: bool  # whether recordings tell of them
    native: bool  # whether they tell of what libraries request, in each test

    @property
    def keeps(self) -> bool:
        """Whether the captures of all phases are kept."""
        return self.captures is not None

    @classmethod
    def of(cls, config: pytest.Config, settings: Mapping[str, Any]) -> Options:
        """Of each one's value. Raises MemscopeError or pytest.UsageError, in one line."""
        sort = settings["memscope_sort"] or "peak"
        if sort not in SORTS:
            raise pytest.UsageError(f"--memscope-sort: {sort!r} is not one of {', '.join(SORTS)}")
        path, file = partial(_path, config, settings), partial(_file, config, settings)
        captures, save = path("memscope_dir"), file("memscope_save")
        json, report = file("memscope_json"), file("memscope_report")
        widen = bool(settings["memscope_widen"])
        if widen and save is None:
            raise pytest.UsageError("--memscope-widen needs --memscope-save FILE")
        compare = path("memscope_compare")
        fail_on = parse_fail_on(settings["memscope_fail_on"])
        if compare is None and config.getoption("memscope_fail_on") is not None:
            raise pytest.UsageError("--memscope-fail-on needs --memscope-compare FILE")
        if save is not None and save.exists():
            # No other file is overwritten, and that is said before the tests.
            known = load_baseline(save)
            if compare == save and not of_this_python(known):
                compare = None
        elif compare == save:
            compare = None  # the first run, which writes what others are compared with
        asked = settings["memscope"] or any((captures, json, report, save, compare))
        return cls(
            everything=bool(asked),
            top=_whole_number(top) if (top := settings["memscope_top"]) else None,
            sort=sort,
            captures=captures,
            json=json,
            report=report,
            save=save,
            widen=widen,
            compare=compare,
            baseline=load_for_comparison(compare) if compare else None,
            fail_on=fail_on,
            user_code=_user_code(settings["memscope_user_code"]),
            objects=not settings["memscope_no_objects"],
            native=bool(settings["memscope_native"]),
        )


def _user_code(text: str) -> tuple[str, ...]:
    return named(word.strip() for word in text.split(",") if word.strip())


def _path(config: pytest.Config, settings: Mapping[str, Any], name: str) -> Path | None:
    """A path, absolute from now on, since tests change the directory that they run in.

    What an option says is relative to where pytest was started, what the ini file says to the root.
    """
    text: str = settings[name]
    given = config.getoption(name) is not None
    if given and not text:
        raise MemscopeError(f"{_option(name)}: no path was given")
    if not text:
        return None
    base: Path = config.invocation_params.dir if given else config.rootpath
    return base / text


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _file(config: pytest.Config, settings: Mapping[str, Any], name: str) -> Path | None:
    """A file that will be written when the tests are over: too late to learn that it cannot be."""
    path = _path(config, settings, name)
    if path is not None and (path.is_dir() or not path.parent.is_dir()):
        why = "is a directory" if path.is_dir() else "lies in no directory that there is"
        raise MemscopeError(f"{_option(name)}: {settings[name]!r} {why}")
    return path


def _whole_number(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise pytest.UsageError(f"--memscope-top: {text!r} is not a whole number")
    return int(text)
