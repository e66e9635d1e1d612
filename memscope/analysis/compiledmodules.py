"""Modules that Cython or mypyc compiled: whose they are, and by which names code imports them.

No frame shows their calls. What they allocate counts at the Python line that called them.
"""

from __future__ import annotations

import re
from posixpath import dirname

from memscope.analysis.origins import Origin, Origins
from memscope.capture import Capture
from memscope.capture.model import CompiledBy
from memscope.plain import dataclass

_SUFFIX = re.compile(r"(\.cpython-[^/]*|\.abi3)?\.so$")
_PACKAGE = "/__init__"
# Where mypyc puts the code of several modules; nobody imports it by its name.
_SHARED = "__mypyc"


@dataclass(frozen=True, slots=True)
class Compiled:
    """A module; `stem` is its path as its source has it, without a suffix, a package's its own.

    `short` is its file as reports name files. `root` is the directory that its full name begins in.
    """

    stem: str
    short: str
    by: CompiledBy
    origin: Origin
    root: str

    @property
    def name(self) -> str:
        """As it is imported."""
        return self.stem[len(self.root) :].strip("/").replace("/", ".")


def compiled_modules(capture: Capture, origins: Origins) -> tuple[Compiled, ...]:
    """Those that the program had loaded, as far as the recorder looked."""
    packages = {
        path[: -len("/__init__.py")]
        for path in capture.tables.codes.file
        if path.endswith("/__init__.py")
    }
    stems = [_SUFFIX.sub("", module.path) for module in capture.compiled]
    packages.update(stem[: -len(_PACKAGE)] for stem in stems if stem.endswith(_PACKAGE))
    return tuple(
        Compiled(
            stem.removesuffix(_PACKAGE),
            origins.short(module.path) if origin is not Origin.OWN else _own(stem, origins),
            module.by,
            origin,
            _root(stem.removesuffix(_PACKAGE), packages),
        )
        for module, stem in zip(capture.compiled, stems, strict=True)
        if not stem.endswith(_SHARED)
        # A library is nobody's own by its suffix; what was compiled may be.
        for origin in [origins.of(f"{stem}.py")]
    )


def _own(stem: str, origins: Origins) -> str:
    return f"{origins.short(f'{stem}.py').removesuffix('.py')}.so"


def _root(stem: str, packages: set[str]) -> str:
    folder = dirname(stem)
    while folder in packages:
        folder = dirname(folder)
    return folder
