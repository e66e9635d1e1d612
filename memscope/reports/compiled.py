"""In words and as JSON: code that Cython or mypyc compiled, and the lines that call it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from memscope.analysis.compiledmodules import Compiled
from memscope.analysis.origins import Origin
from memscope.analysis.units import plural

_COMPILERS = {"cython": "Cython", "mypyc": "mypyc"}


def calls_text(calls: Mapping[str, Compiled]) -> str:
    """`calls fast.build (mypyc): what it allocates counts here`; "" of no calls."""
    if not calls:
        return ""
    it = "they allocate" if len(calls) > 1 else "it allocates"
    return f"calls {_names(calls)}: what {it} counts here"


def calls_names(calls: Mapping[str, Compiled]) -> str:
    """The same in the room of a few words: `calls fast.build (mypyc)`."""
    return f"calls {_names(calls)}" if calls else ""


def _names(calls: Mapping[str, Compiled]) -> str:
    (name, module), *others = calls.items()
    more = f" and {len(others):,} more" if others else ""
    return f"{name} ({_COMPILERS[module.by]}){more}"


def own_texts(modules: Sequence[Compiled]) -> list[str]:
    """`fast.so (mypyc)`, of each that is user code; those of no package first."""
    own = [module for module in modules if module.origin is Origin.OWN]
    own.sort(key=lambda module: (module.short.count("/"), module.short))
    return [f"{module.short} ({_COMPILERS[module.by]})" for module in own]


def compiled_note(modules: Sequence[Compiled]) -> str:
    """What a reader is to know of lines of such code, in one sentence; "" where there is none."""
    told = own_texts(modules)
    if not told:
        return ""
    more = f" and {plural(len(told) - 3, 'more module')}" if len(told) > 3 else ""
    have, they, them = ("have", "they allocate", "them")
    if len(told) == 1:
        have, they, them = ("has", "it allocates", "it")
    return (
        f"{', '.join(told[:3])}{more} {have} no lines: what {they} counts at the lines that call"
        f" {them}"
    )


def compiled_documents(modules: Sequence[Compiled]) -> list[dict[str, Any]]:
    return [
        {
            "module": module.name,
            "file": module.short,
            "by": module.by,
            "origin": module.origin.value,
        }
        for module in modules
    ]


def calls_documents(calls: Mapping[str, Compiled]) -> list[dict[str, Any]]:
    return [{"name": name, "by": module.by} for name, module in calls.items()]
