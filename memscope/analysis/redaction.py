"""A capture without names: the same structure and figures under pseudonyms."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Mapping
from pathlib import Path

from memscope.analysis.origins import Origin, Origins
from memscope.capture import Capture
from memscope.capture.description import Meta, Prefixes, Project
from memscope.capture.model import BlockType, Codes, Tables, Thread
from memscope.plain import replace

# What Python itself gives: parts of qualified names, and files that no path is behind.
_PYTHONS_NAMES = frozenset(
    {
        *("<module>", "<lambda>", "<locals>", "<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>"),
        *("<compile>", "<unmarshal>", "<frames left out>"),
    }
)
_PYTHONS_FILES = frozenset(
    {
        "",
        "<string>",
        "<stdin>",
        "<frozen importlib._bootstrap>",
        "<frozen importlib._bootstrap_external>",
        "<frozen zipimport>",
    }
)
_HOMES = {Origin.OWN: "/program", Origin.LIBRARY: "/site-packages", Origin.STDLIB: "/stdlib"}
_DIGITS = 12  # two of 10,000 names are alike once in five million captures


class RedactedCapture(Capture):
    """A view of a capture in which files, functions, threads and the command have pseudonyms.

    Whose code a file is stays: it is in /program, /site-packages or /stdlib. So do line numbers,
    names that Python itself gives, such as `<module>`, and those of its own types.

    Without a key pseudonyms are numbered in the order in which names come up, and tell nothing.
    With a key they are digests: the same in every capture, and only who has the key can check a
    guess.
    """

    def __init__(self, capture: Capture, key: str | None = None) -> None:
        # The same source: what has been read already is taken over, the rest is read here.
        self.__dict__.update(capture.__dict__)
        names = _Names(Origins(capture.meta, capture.tables), key)
        self.meta = names.meta(capture.meta)
        self.tables = names.tables(capture.tables)
        self.compiled = ()  # which are paths, and of use to who has the source

    @property
    def path(self) -> Path:
        return Path("capture.mscope")


class _Pseudonyms:
    """A short name in place of each; the same for the same."""

    def __init__(self, kind: str, key: str | None) -> None:
        self._kind = kind
        # Hashed, because BLAKE2 takes no key of more than 64 bytes.
        self._key = None if key is None else hashlib.sha256(_encoded(key)).digest()
        self._known: dict[str, str] = {}

    def of(self, name: str) -> str:
        found = self._known.get(name)
        if found is None:
            found = self._known[name] = f"{self._kind}{self._tail(name)}"
        return found

    def _tail(self, name: str) -> str:
        if self._key is None:
            return str(len(self._known) + 1)
        person = self._kind.encode("ascii")
        digest = hashlib.blake2b(_encoded(name), key=self._key, person=person).hexdigest()
        return f"_{digest[:_DIGITS]}"


class _Names:
    """Pseudonyms for everything in a capture that is a name."""

    def __init__(self, origins: Origins, key: str | None) -> None:
        self._origins = origins
        self._files = _Pseudonyms("file", key)
        self._parts = _Pseudonyms("name", key)
        self._threads = _Pseudonyms("thread", key)
        self._labels = _Pseudonyms("label", key)

    def meta(self, meta: Meta) -> Meta:
        # A main that is no file tells whose <string> is; any other is user code by its place.
        main = meta.main if meta.main in ("", "-c") else self.file(meta.main)
        own = (_HOMES[Origin.OWN],)
        is_library = main.startswith(_HOMES[Origin.LIBRARY])
        return replace(
            meta,
            command=("program", *("…" for _ in meta.command[1:])),
            main=main,
            cwd=_HOMES[Origin.OWN],
            user_code=(),
            project=Project(started=own, local=own, is_stub=is_library),
            frozen=False,
            main_packages=(),
            cells={},
            labels=self._values(meta.labels),
            parts=tuple(
                replace(part, command=("program",), labels=self._values(part.labels))
                for part in meta.parts
            ),
            prefixes=Prefixes((_HOMES[Origin.STDLIB],), (_HOMES[Origin.LIBRARY],)),
        )

    def _values(self, labels: Mapping[str, str]) -> dict[str, str]:
        return {key: self._labels.of(value) for key, value in labels.items()}

    def tables(self, tables: Tables) -> Tables:
        codes = tables.codes
        return replace(
            tables,
            codes=Codes(
                [self.file(file) for file in codes.file],
                [self.function(function) for function in codes.function],
                codes.first_line,
            ),
            threads=tuple(replace(thread, name=self.thread(thread)) for thread in tables.threads),
            types=[self.type(of) for of in tables.types],
        )

    def file(self, file: str) -> str:
        if file in _PYTHONS_FILES:
            return file
        origin = self._origins.of(file)
        pseudonym = self._files.of(file)
        # Whose a frozen module is, and what a cell is, is told by names: here their places do.
        generated = file.startswith("<") and not file.startswith("<frozen ")
        if generated and origin is Origin.LIBRARY:
            return f"<{pseudonym}>"
        return f"{_HOMES[origin]}/{pseudonym}.py"

    def function(self, function: str) -> str:
        parts = function.split(".") if function else []
        return ".".join(part if part in _PYTHONS_NAMES else self._parts.of(part) for part in parts)

    def type(self, of: BlockType) -> BlockType:
        """Types of Python itself keep their names."""
        if not of.module or of.module.partition(".")[0] in sys.stdlib_module_names:
            return of if of.module else of._replace(name=self.function(of.name))
        return of._replace(module=self.function(of.module), name=self.function(of.name))

    def thread(self, thread: Thread) -> str:
        if not thread.name or thread.name == "MainThread":
            return thread.name
        return self._threads.of(thread.name)


def _encoded(name: str) -> bytes:
    return name.encode("utf-8", "surrogatepass")
