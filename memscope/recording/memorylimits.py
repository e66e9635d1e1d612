"""What limits a process's memory: its cgroups (v1 and v2), RLIMIT_AS, or whoever recorded it."""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator
from contextlib import suppress

from memscope.plain import dataclass

TYPE_CHECKING = False  # without `typing`, which the supervisor can do without
if TYPE_CHECKING:
    from pathlib import Path
    from typing import Literal

    Source = Literal["given", "cgroup", "RLIMIT_AS"]

SOURCES: tuple[Source, ...] = ("given", "cgroup", "RLIMIT_AS")
_NONE_V1 = 1 << 60  # what version 1 says where there is no limit is more


@dataclass(frozen=True, slots=True)
class MemoryLimit:
    """A limit, how much of it is taken now, and who set it.

    Of a cgroup, what can be had back at once (files' pages that were not used of late) is no part
    of what is taken. `kills` counts the processes that were killed for it so far.
    """

    source: Source
    limit_bytes: int
    used_bytes: int
    kills: int = 0

    @property
    def share(self) -> float:
        return self.used_bytes / self.limit_bytes if self.limit_bytes else 0.0


def memory_of(pid: int) -> tuple[int, int] | None:
    """Bytes of address space, and of it resident ones; 0 of a process that is over, None: gone."""
    with suppress(OSError, ValueError, IndexError):
        pages = _text(f"/proc/{pid}/statm").split()
        page_bytes = os.sysconf("SC_PAGESIZE")
        return int(pages[0]) * page_bytes, int(pages[1]) * page_bytes
    return None


def limits_of(
    pid: int, given_bytes: int | None = None, root: Path | str = "/"
) -> list[MemoryLimit]:
    """All that limit a process now; none of a process that is gone, nor of unreadable files."""
    found: list[MemoryLimit] = []
    memory = memory_of(pid)
    if memory is not None:
        virtual_bytes, resident_bytes = memory
        if virtual_bytes == 0:
            return []  # it is over, and waits to be waited for
        if given_bytes is not None:
            found.append(MemoryLimit("given", given_bytes, resident_bytes))
        with suppress(OSError):
            soft, _ = resource.prlimit(pid, resource.RLIMIT_AS)
            if soft != resource.RLIM_INFINITY:
                found.append(MemoryLimit("RLIMIT_AS", soft, virtual_bytes))
    group = group_limit(pid, root)
    return found if group is None else [*found, group]


def group_limit(pid: int, root: Path | str = "/") -> MemoryLimit | None:
    """The tightest limit of a process's cgroups: of its own and of those above it."""
    groups = [*_groups(pid, str(root))]
    return min(groups, key=lambda each: each.limit_bytes - each.used_bytes, default=None)


def _groups(pid: int, root: str) -> Iterator[MemoryLimit]:
    try:
        lines = _text(os.path.join(root, "proc", str(pid), "cgroup")).splitlines()
    except OSError:
        return
    for line in lines:
        _, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        if controllers == "":
            yield from _of_each(os.path.join(root, "sys/fs/cgroup"), path, _version_2)
        elif "memory" in controllers.split(","):
            yield from _of_each(os.path.join(root, "sys/fs/cgroup/memory"), path, _version_1)


def _of_each(base: str, path: str, read: Reader) -> Iterator[MemoryLimit]:
    """From the group to the top of what is seen here: in a container, that is its own."""
    names = [name for name in path.split("/") if name not in ("", "..")]
    for count in range(len(names), -1, -1):
        with suppress(OSError, ValueError):
            limit = read(os.path.join(base, *names[:count]))
            if limit is not None:
                yield limit


class Reader:
    """Where a version of cgroups has its figures."""

    def __init__(self, limit: str, used: str, reclaimable: str, kills: str) -> None:
        self._limit = limit
        self._used = used
        self._reclaimable = reclaimable
        self._kills = kills

    def __call__(self, group: str) -> MemoryLimit | None:
        text = _text(os.path.join(group, self._limit)).strip()
        if text == "max" or int(text) >= _NONE_V1:
            return None
        used = int(_text(os.path.join(group, self._used)))
        files = _field(os.path.join(group, "memory.stat"), self._reclaimable)
        kills = _field(os.path.join(group, self._kills), "oom_kill")
        return MemoryLimit("cgroup", int(text), max(used - files, 0), kills)


_version_2 = Reader("memory.max", "memory.current", "inactive_file", "memory.events")
_version_1 = Reader(
    "memory.limit_in_bytes",
    "memory.usage_in_bytes",
    "total_inactive_file",
    "memory.oom_control",
)


def _field(file: str, name: str) -> int:
    """A number of a file of lines with a name and a number; 0 if it is not there."""
    with suppress(OSError, ValueError):
        for line in _text(file).splitlines():
            key, _, value = line.partition(" ")
            if key == name:
                return int(value)
    return 0


def _text(path: str) -> str:
    with open(path) as file:
        return file.read()
