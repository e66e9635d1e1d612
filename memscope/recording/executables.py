"""The programs without Python that memscope runs. They lie beside its extension."""

from __future__ import annotations

import os


def beside_recorder(name: str) -> str:
    """Where the program of this name is for this interpreter, whether it is there or not."""
    from memscope import _recorder

    directory, file = os.path.split(_recorder.__file__ or "")
    return os.path.join(directory, file.replace("_recorder", name, 1).removesuffix(".so"))
