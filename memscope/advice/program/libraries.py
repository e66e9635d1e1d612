"""What libraries keep for good of what they give or are given."""

from __future__ import annotations

import ast

from memscope.advice.program.expressions import method_name
from memscope.advice.program.source import SourceFile
from memscope.advice.program.statements import Statement

# What libraries keep for good of what they give or are given, and what to do instead.
KEPT_BY_LIBRARY = {
    "logging's table of loggers": (
        "ask for one of a fixed name, and say what differs with a LoggerAdapter, or extra="
    ),
    "atexit's list of functions": (
        "register one function once, or take each away when it is no longer needed"
    ),
    "the module's list of warnings": (
        "warn with a text that is the same each time, and log what differs"
    ),
    "weakref's list of finalizers": (
        "give the finalizer a function that does not refer to the object: a method of its own keeps"
        " the object for good"
    ),
    "pyplot's list of figures": "close each figure when it is saved or shown",
}
_LIBRARY_CALLS = {
    "logging.getLogger": "logging's table of loggers",
    "atexit.register": "atexit's list of functions",
    "warnings.warn": "the module's list of warnings",
    "warnings.warn_explicit": "the module's list of warnings",
    "weakref.finalize": "weakref's list of finalizers",
    "matplotlib.pyplot.figure": "pyplot's list of figures",
    "matplotlib.pyplot.subplots": "pyplot's list of figures",
    "matplotlib.pyplot.subplot_mosaic": "pyplot's list of figures",
}
_GIVE_FOR_ANYTHING = {"matplotlib.pyplot"}  # also where they are given nothing, or constants


def kept_by_library(statement: Statement, source: SourceFile | None) -> str:
    """Which table of a library keeps what a statement asks it for, each time another."""
    if source is None or (statement.function is None and statement.loop is None):
        return ""
    for call in statement.calls():
        name = source.full_name(call)
        kept_by = _LIBRARY_CALLS.get(name, "")
        if not kept_by and method_name(call) == "getChild":
            kept_by = "logging's table of loggers"
        if name.rpartition(".")[0] in _GIVE_FOR_ANYTHING and kept_by:
            return kept_by
        if kept_by and call.args and not isinstance(call.args[0], ast.Constant):
            return kept_by
    return ""
