"""What the metadata of installed packages say of the program that is run, and of names of packages.

    script, -m module ──► its distribution ──► the packages that it installed
    arguments         ──► packages that a launcher is to serve: `gunicorn shop.wsgi:app`

This is asked in the supervisor and in whoever reads a capture, never in a recorded program: to
import `importlib.metadata` there would be an allocation of ours.
"""

from __future__ import annotations

import json
import os
import re
import sysconfig
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from importlib.machinery import PathFinder
from pathlib import Path
from typing import TYPE_CHECKING

from memscope.capture.description import Project
from memscope.recording.target import Target, path0_of
from memscope.usercode import is_path

# To import importlib.metadata takes 40 ms: where nothing is asked of it, nobody waits for that.
if TYPE_CHECKING:
    from importlib.metadata import Distribution

_SCRIPT_GROUPS = frozenset({"console_scripts", "gui_scripts"})
_OURS = "memscope-profiler"
# `shop`, `shop.wsgi`, `shop.wsgi:app`, `shop.wsgi:make_app()`
_MODULE = re.compile(r"(?P<module>[A-Za-z_]\w*(?:\.\w+)*)(?P<attribute>:[A-Za-z_][\w.]*(\(.*\))?)?")


def project_of(target: Target, site: Sequence[str], search: Sequence[str]) -> Project:
    """What is installed of the program, what it is to serve, and what is a library all the same.

    site: the directories of installed packages. search: what sys.path will be, but for its head.
    Metadata that cannot be read are as if they were not there.
    """
    path0 = path0_of(target)
    bundled = [
        root
        for place in _bundles(target, path0, site)
        for found in _distributions([place])
        if _is_finished(found)
        for root in roots_of(found)
    ]
    local = [root for found in _local(site) for root in roots_of(found)]
    started, is_stub = _started(target, site, [path0, *search])
    if started is None:
        return Project(local=tuple(local), bundled=tuple(bundled))
    return Project(
        started=tuple(roots_of(started)),
        served=tuple(_served(target.args, started, site)),
        local=tuple(local),
        bundled=tuple(bundled),
        is_stub=is_stub,
    )


def roots_of(found: Distribution) -> list[str]:
    """The packages and modules that a distribution installed, as absolute paths.

    Of a namespace package, which it shares with others, only its own part.
    """
    with suppress(Exception):  # whatever is in a file that others have written
        files = [
            str(found.locate_file(file))
            for file in found.files or ()
            if file.parts[0] != ".." and not file.parts[0].endswith((".dist-info", ".egg-info"))
        ]
        code = [file for file in files if file.endswith((".py", ".pyc", ".so"))]
        packages = {os.path.dirname(file) for file in code if _stem(file) == "__init__"}
        roots = {path for path in packages if os.path.dirname(path) not in packages}
        inside = tuple(root + "/" for root in roots)
        roots.update(file for file in code if not file.startswith(inside))
        return sorted(os.path.normpath(root) for root in roots if "/__pycache__/" not in root)
    return []


def named(words: Iterable[str]) -> tuple[str, ...]:
    """What `--user-code` names: paths made absolute, and packages by the name they are imported by.

    The name of a distribution, `My-Shop`, stands for the packages that it installed.
    """
    from importlib.metadata import PackageNotFoundError, distribution

    found: dict[str, None] = {}
    for word in words:
        if is_path(word):
            found[os.path.abspath(word)] = None
            found[os.path.realpath(word)] = None
            continue
        found[word] = None
        with suppress(PackageNotFoundError, ValueError):
            found.update(dict.fromkeys(roots_of(distribution(word))))
    return tuple(found)


def _started(
    target: Target, site: Sequence[str], search: Sequence[str]
) -> tuple[Distribution | None, bool]:
    """The distribution that the program belongs to, and whether its script is but an entry point.

    None where it is not among the installed packages.
    """
    if target.kind == "command":
        return None, False
    return (
        _of_module(target.value, site, search)
        if target.kind == "module"
        else _of_script(os.path.realpath(target.value), site)
    )


def _of_module(
    name: str, site: Sequence[str], search: Sequence[str]
) -> tuple[Distribution | None, bool]:
    parts = name.split(".")
    place = _place_of(parts[0], search)
    if place is None or not _is_below(place, site):
        return None, False
    inside = "/".join(parts)
    return _owner([f"{inside}/__main__.py", f"{inside}.py", f"{inside}/__init__.py"], site), False


def _of_script(script: str, site: Sequence[str]) -> tuple[Distribution | None, bool]:
    for home in site:
        if script.startswith(home + "/"):
            return _owner([script[len(home) + 1 :]], [home]), False
    if os.path.dirname(script) not in _script_directories(site):
        return None, False
    name = os.path.basename(script)
    for found in _distributions(site):
        with suppress(Exception):
            if any(
                entry.name == name and entry.group in _SCRIPT_GROUPS for entry in found.entry_points
            ):
                return found, True
    return _owner([f"bin/{name}"], site), False


def _served(words: Sequence[str], started: Distribution, site: Sequence[str]) -> Iterator[str]:
    """The installed packages that the command line hands over to a launcher.

    `module:attribute` is nothing else. A bare name may mean anything, `--backend sqlite`; it is
    believed if that package in turn needs what was started: programs do not need their users.
    """
    launcher = _normalized(started.metadata["Name"])
    whole: list[str] = []
    for word in words:
        match = _MODULE.fullmatch(word.rpartition("=")[2])
        if match is None:
            continue
        name = match["module"].partition(".")[0]
        owner = _owner([f"{name}/__init__.py", f"{name}.py", f"{name}/"], site)
        if owner is None or _normalized(owner.metadata["Name"]) == launcher:
            continue
        if match["attribute"] or launcher in _requirements(owner):
            whole += roots_of(owner)
    yield from dict.fromkeys(whole)


def _requirements(found: Distribution) -> set[str]:
    return {
        _normalized(match[0])
        for line in found.requires or ()
        if (match := re.match(r"[A-Za-z0-9._-]+", line)) is not None
    }


def _owner(inside: Sequence[str], site: Sequence[str]) -> Distribution | None:
    """The distribution that installed one of these files; the first of a namespace for `name/`."""
    for found in _distributions(site):
        with suppress(Exception):
            record = "\n" + (found.read_text("RECORD") or "")
            for path in inside:
                entry = f"/{path}," if path.startswith("bin/") else f"\n{path}"
                if (entry if entry.endswith((",", "/")) else entry + ",") in record:
                    return found
    return None


def _local(site: Sequence[str]) -> Iterator[Distribution]:
    """Those that were installed from a directory of source that is still here: `pip install .`."""
    for home in site:
        for path in _listed(home):
            if not path.endswith(".dist-info"):
                continue
            if not os.path.exists(os.path.join(home, path, "direct_url.json")):
                continue
            from importlib.metadata import Distribution
            from urllib.parse import unquote, urlsplit

            with suppress(OSError, ValueError, AttributeError):
                origin = json.loads(Path(home, path, "direct_url.json").read_text("utf-8"))
                directory = origin.get("dir_info")
                source = unquote(urlsplit(origin.get("url", "")).path)
                if directory is None or directory.get("editable") or not os.path.isdir(source):
                    continue
                found = Distribution.at(Path(home, path))
                if _normalized(found.metadata["Name"]) != _OURS:
                    yield found


def _bundles(target: Target, path0: str, site: Sequence[str]) -> Iterator[str]:
    """Where libraries may lie among the program's code: an archive, or `pip install -t .`."""
    places = [path0]
    if target.kind == "file":
        places.append(os.path.abspath(target.value))
    for place in dict.fromkeys(places):
        if place and place not in site and (os.path.isfile(place) or _has_metadata(place)):
            yield place


def _has_metadata(directory: str) -> bool:
    return any(name.endswith(".dist-info") for name in _listed(directory))


def _is_finished(found: Distribution) -> bool:
    """Installed and not a project's own: that has its .egg-info beside the source."""
    with suppress(Exception):
        return found.read_text("RECORD") is not None
    return False


def _distributions(places: Sequence[str]) -> Iterator[Distribution]:
    from importlib.metadata import distributions

    with suppress(Exception):  # a hostile archive
        yield from distributions(path=list(places))


def _listed(directory: str) -> list[str]:
    with suppress(OSError):
        return os.listdir(directory)
    return []


def _place_of(name: str, search: Sequence[str]) -> str | None:
    with suppress(Exception):
        spec = PathFinder.find_spec(name, list(search))
        if spec is not None:
            return next(iter(spec.submodule_search_locations or ()), None) or spec.origin
    return None


def _script_directories(site: Sequence[str]) -> set[str]:
    """Where installers put entry points: beside the `lib` of each directory of packages."""
    found = {os.path.realpath(sysconfig.get_path("scripts"))}
    for home in site:
        above, lib, _ = home.rpartition("/lib")
        if lib:
            found.add(os.path.realpath(above + "/bin"))
    return found


def _is_below(path: str, homes: Sequence[str]) -> bool:
    return path.startswith(tuple(home + "/" for home in homes))


def _stem(path: str) -> str:
    return os.path.basename(path).partition(".")[0]


def _normalized(name: str | None) -> str:
    return re.sub(r"[-_.]+", "-", name or "").lower()
