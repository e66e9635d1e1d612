"""What the command line and the ini file ask for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from memscope.errors import MemscopeError
from memscope.pytest_plugin import setting
from memscope.pytest_plugin.baseline import Entry, load_baseline, parse_fail_on

SORTS = ("peak", "allocated", "allocations", "live")


@dataclass(frozen=True, slots=True)
class Options:
    """The options of a run, each as it is used."""

    everything: bool  # every test is to be recorded
    top: int
    sort: str
    captures: Path | None  # where they are kept
    json: Path | None
    report: Path | None
    save: Path | None
    widen: bool
    baseline: dict[tuple[str, str], Entry] | None
    fail_on: dict[str, float]

    @property
    def keeps(self) -> bool:
        """Whether the captures of all phases are kept."""
        return self.captures is not None

    @classmethod
    def of(cls, config: pytest.Config) -> Options:
        """Raises MemscopeError or pytest.UsageError, in one line."""
        sort = setting(config, "memscope_sort") or "peak"
        if sort not in SORTS:
            raise pytest.UsageError(f"--memscope-sort: {sort!r} is none of {', '.join(SORTS)}")
        captures, save = _path(config, "memscope_dir"), _file(config, "memscope_save")
        json, report = _file(config, "memscope_json"), _file(config, "memscope_report")
        widen = bool(setting(config, "memscope_widen"))
        if widen and save is None:
            raise pytest.UsageError("--memscope-widen needs --memscope-save FILE")
        compare = _path(config, "memscope_compare")
        fail_on = parse_fail_on(setting(config, "memscope_fail_on"))
        if compare is None and config.getoption("memscope_fail_on") is not None:
            raise pytest.UsageError("--memscope-fail-on needs --memscope-compare FILE")
        asked = setting(config, "memscope") or any((captures, json, report, save, compare))
        return cls(
            everything=bool(asked),
            top=_whole_number(setting(config, "memscope_top") or "10"),
            sort=sort,
            captures=captures,
            json=json,
            report=report,
            save=save,
            widen=widen,
            baseline=load_baseline(compare) if compare else None,
            fail_on=fail_on,
        )


def _path(config: pytest.Config, name: str) -> Path | None:
    """A path as it was given: of an option relative to here, of the ini file to the root."""
    text = setting(config, name)
    if not text:
        return None
    given = config.getoption(name) is not None
    return Path(text) if given else config.rootpath / text


def _file(config: pytest.Config, name: str) -> Path | None:
    """A file that will be written when the tests are over: too late to learn that it cannot be."""
    path = _path(config, name)
    if path is not None and (path.is_dir() or not path.parent.is_dir()):
        option = f"--{name.replace('_', '-')}"
        why = "is a directory" if path.is_dir() else "lies in no directory that there is"
        raise MemscopeError(f"{option}: {str(path)!r} {why}")
    return path


def _whole_number(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise pytest.UsageError(f"--memscope-top: {text!r} is no whole number")
    return int(text)
