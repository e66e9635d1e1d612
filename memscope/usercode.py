"""How user code is named, on the command line and in programs, and which names libraries have."""

from __future__ import annotations

from functools import cache
from importlib.machinery import PathFinder


def is_path(word: str) -> bool:
    """Whether it is a file or a directory, and not a package."""
    return "/" in word or word.endswith((".py", ".pyz")) or word in (".", "..")


@cache
def is_installed(name: str) -> bool:
    """Whether a top-level module of this name is an installed package here."""
    try:
        spec = PathFinder.find_spec(name)
    except (ImportError, ValueError, AttributeError):
        return False
    if spec is None:
        return False
    places = [spec.origin or "", *(spec.submodule_search_locations or ())]
    return any("/site-packages/" in place or "/dist-packages/" in place for place in places)
