"""Labels that a capture gets without being told: where it was made, and of which version.

Everything is read from files and the environment; no program is started for it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from memscope.labels import is_label, parse_labels

LABELS_VARIABLE = "MEMSCOPE_LABELS"

_MOST_BYTES = 1 << 20  # of a file that is read
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")  # git's SHA-1, or SHA-256
_CONTAINER = re.compile(r"[0-9a-f]{64}")
_CONTAINER_DIGITS = 12  # as docker ps and crictl show it


def labels_in(environment: Mapping[str, str]) -> dict[str, str]:
    """Those of `MEMSCOPE_LABELS`: KEY=VALUE, parted by commas; ValueError where it is not so."""
    try:
        return parse_labels(filter(None, environment.get(LABELS_VARIABLE, "").split(",")))
    except ValueError as error:
        raise ValueError(f"{LABELS_VARIABLE}: {error}") from None


def found_labels(
    main: str, environment: Mapping[str, str], root: Path = Path("/")
) -> dict[str, str]:
    """`host`, `commit`, `pod` and `container`, as far as they are known.

    `commit` is what the git checkout around the program's file stands at. It does not tell whether
    files were changed since.
    """
    found = {
        "host": os.uname().nodename,
        "commit": _commit(main),
        "pod": _pod(environment),
        "container": _container(root),
    }
    return {key: value for key, value in found.items() if is_label(key, value)}


def _pod(environment: Mapping[str, str]) -> str:
    """In Kubernetes a container's host name is that of its pod, if nobody named the pod."""
    if "KUBERNETES_SERVICE_HOST" not in environment:
        return ""
    return environment.get("POD_NAME") or environment.get("HOSTNAME", "")


def _container(root: Path) -> str:
    """From the process's cgroup; where that is hidden, from what is mounted in the container."""
    for name, mark in (("cgroup", ""), ("mountinfo", "/containers/")):
        for line in _lines(root / "proc/self" / name):
            found = _CONTAINER.search(line) if mark in line else None
            if found:
                return found[0][:_CONTAINER_DIGITS]
    return ""


# ---- git ------------------------------------------------------------------------------------


def _commit(main: str) -> str:
    with suppress(OSError, ValueError):
        start = Path(os.path.abspath(main if os.path.exists(main) else "."))
        for folder in (start, *start.parents):
            git = _git_directory(folder / ".git")
            if git is not None:
                return _head(git)
    return ""


def _git_directory(path: Path) -> Path | None:
    """`.git` is a folder, or a file that names one: of a worktree or a submodule."""
    if path.is_dir():
        return path
    if not path.is_file():
        return None
    word, _, target = _text(path).strip().partition(": ")
    return path.parent / target if word == "gitdir" else None


def _head(git: Path) -> str:
    head = _text(git / "HEAD").strip()
    word, _, name = head.partition(" ")
    if word != "ref:":
        return head if _COMMIT.fullmatch(head) else ""
    if not name.startswith("refs/") or ".." in name:
        return ""
    common = git / (_text(git / "commondir").strip() or ".")
    for place in (git, common):
        commit = _text(place / name).strip()
        if _COMMIT.fullmatch(commit):
            return commit
    for line in _lines(common / "packed-refs"):
        commit, _, packed = line.partition(" ")
        if packed == name and _COMMIT.fullmatch(commit):
            return commit
    return ""


def _text(path: Path) -> str:
    """Empty if it is not there."""
    with suppress(OSError, ValueError), path.open("rb") as stream:
        return stream.read(_MOST_BYTES).decode()
    return ""


def _lines(path: Path) -> Iterator[str]:
    return iter(_text(path).splitlines())
