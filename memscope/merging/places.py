"""Which file of one capture is which file of another, wherever the machines keep them."""

from __future__ import annotations

from memscope.analysis.origins import Origin, Origins
from memscope.capture.description import Meta


class FilePlaces:
    """Gives files of all captures the path that the first capture with that file has.

    Files of libraries are known by their names below the directory of packages. The program's own
    are so only among captures of one program: those with the same script and the same `service`.
    Each of two programs may have an `app.py`.
    """

    def __init__(self) -> None:
        self._known: dict[tuple[object, ...], str] = {}

    def of_capture(self, meta: Meta, origins: Origins) -> _PlacesOfCapture:
        return _PlacesOfCapture(self._known, meta, origins)


class _PlacesOfCapture:
    def __init__(self, known: dict[tuple[object, ...], str], meta: Meta, origins: Origins) -> None:
        self._known = known
        self._origins = origins
        self._program = meta.labels.get("service", ""), origins.short(meta.main)

    def path(self, file: str) -> str:
        if not file.startswith("/"):
            return file
        short, origin = self._origins.short(file), self._origins.of(file)
        if origin is not Origin.OWN:
            key: tuple[object, ...] = (origin, short)
        elif self._origins.is_main(file):
            key = (origin, self._program)
        else:
            key = (origin, self._program, short)
        return self._known.setdefault(key, file)
