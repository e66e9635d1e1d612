"""Start-up of a Python that a recorded program has started, under `memscope run --follow-exec`.

Such a program has this file's directory at the head of PYTHONPATH, and in MEMSCOPE_FOLLOW how it is
recorded, and where the recorder waits. Recording begins here, before the interpreter comes to what
it is to run. Then this file is gone: from sys.path, from sys.modules, and where the user has a
module of this name, that one is there as it would be without. The two variables stay, for what is
started in turn.

Imports nothing but built-in modules, as _boot.py.
"""


def begin() -> None:
    import sys

    own = __file__.rpartition("/")[0]
    sys.path[:] = [path for path in sys.path if path != own]
    sys.path_importer_cache.pop(own, None)

    import posix

    told = posix.environ.get(b"MEMSCOPE_FOLLOW", b"").split(b":", 3)
    if len(told) != 4 or is_memscope(sys.orig_argv):
        return
    recorder = load(own.rpartition("/")[0].rpartition("/")[0])
    if recorder is None or not recorder.meet(told[3]):
        return
    recorder.watch_starters(file_of("_posixsubprocess"))
    options = int(told[0]), told[1] == b"1", 0, told[2] == b"1"
    if recorder.follow(*options):
        posix.register_at_fork(after_in_child=lambda: recorder.follow(*options))
        stop_at_exit(recorder.stop)


def is_memscope(words: list[str]) -> bool:
    """It records others, and is nobody's program."""
    for place, word in enumerate(words[1:], 1):
        if word == "-m":
            return words[place + 1 : place + 2] == ["memscope"]
        if not word.startswith("-"):
            ours = "/memscope", "/memscope/recording/_boot.py", "/memscope/cli/_finish.py"
            return word.endswith(ours)
    return False


def load(package: str):  # type: ignore[no-untyped-def]
    """The recorder, without a trace in sys.modules; None: it was not built for this interpreter."""
    import _imp
    import posix
    import sys

    file = f"{package}/_recorder{_imp.extension_suffixes()[0]}"
    try:
        posix.stat(file)
        spec = sys.modules["_frozen_importlib"].ModuleSpec("memscope._recorder", None, origin=file)
        recorder = _imp.create_dynamic(spec)
        _imp.exec_dynamic(recorder)
    except (OSError, ImportError):
        return None
    return recorder


def file_of(name: str):  # type: ignore[no-untyped-def]
    """Of an extension module; None: it is built in."""
    import sys

    found = sys.modules["_frozen_importlib_external"].PathFinder.find_spec(name)
    return None if found is None else found.origin


def stop_at_exit(stop: object) -> None:
    """First in, last out: the recording ends after the program's own exit functions."""
    import sys

    known = "atexit" in sys.modules
    import atexit

    atexit.register(stop)  # type: ignore[arg-type]
    if not known:
        del sys.modules["atexit"]


try:  # noqa: SIM105  nothing may be imported
    begin()
except Exception:  # the program begins all the same
    pass

import sys  # noqa: E402

# The user's own is found now, if there is one; if not, the interpreter goes on without.
del sys.modules["sitecustomize"]
import sitecustomize  # type: ignore[import-not-found]  # noqa: E402, F401
