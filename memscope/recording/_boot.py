"""Start-up of a recorded program: the first code that runs in it, and all of ours that does.

Run as a script by `memscope.recording.supervisor`:

    python [FLAGS] _boot.py EXTENSION SUBPROCESS_FILE SEGMENT_FD FOLLOW_FD FOLLOW_EXEC SNAPSHOT_FD
           VALUES SAMPLE_BYTES OBJECTS NATIVE BUDGETED FLAG_COUNT KIND PATH0 TARGET [ARGS…]

Everything is put back as the interpreter would have it at the program's first line; then the
program is run by the extension, which hides these frames from it. Imports nothing but built-in
modules, not even `__future__`: what is imported here, the program would find imported.
"""


def main() -> None:
    import sys

    extension, subprocess_file, segment_fd, follow_fd, follow_exec = sys.argv[1:6]
    snapshot_fd, snapshots = sys.argv[6:8]
    sample_bytes, objects, native, budgeted, flag_count, kind, path0, target = sys.argv[8:16]
    arguments = sys.argv[16:]
    options = int(sample_bytes), bool(objects), int(native), bool(budgeted)
    import _imp
    import posix

    # Not by an import statement, which would leave it where the program's own imports find it.
    spec = sys.modules["_frozen_importlib"].ModuleSpec("memscope._recorder", None, origin=extension)
    recorder = _imp.create_dynamic(spec)
    _imp.exec_dynamic(recorder)
    recorder.attach(int(segment_fd))
    posix.close(int(segment_fd))
    snapshot_into(recorder, snapshot_fd, snapshots)
    recorder.watch_starters(subprocess_file)
    if follow_fd:  # forked children are recorded, too
        recorder.remember(int(follow_fd))
        posix.register_at_fork(after_in_child=lambda: recorder.follow(*options))

    lead_executed(follow_exec, extension)
    switch = {"module": ["-m"], "command": ["-c"], "file": []}[kind]
    sys.orig_argv = [*sys.orig_argv[: 1 + int(flag_count)], *switch, target, *arguments]
    sys.argv = [{"module": "-m", "command": "-c", "file": target}[kind], *arguments]
    if not sys.flags.safe_path:
        del sys.path[0]  # the directory of this script
    importer = None
    if kind == "file":
        target = target if target.startswith("/") else posix.getcwd() + "/" + target
        importer = recorder.importer_for(target)
        path0 = path0 if importer is None else target
    sys.path[:0] = [path0] if importer is not None or not sys.flags.safe_path else []

    register_stop = stop_at_exit
    namespace = sys.modules["__main__"].__dict__
    namespace["__loader__"] = sys.modules["_frozen_importlib"].BuiltinImporter
    for name in (
        "__file__",
        "__cached__",
        "main",
        "stop_at_exit",
        "snapshot_into",
        "lead_executed",
    ):
        namespace.pop(name, None)
    namespace["__doc__"] = None

    register_stop(recorder)
    if importer is not None:
        end = recorder.run_module("__main__", False, *options)
    elif kind == "file":
        end = recorder.run_file(target, *options)
    elif kind == "module":
        end = recorder.run_module(target, True, *options)
    else:
        end = recorder.run_command(target, *options)
    if end == 2:  # interrupted: already printed; the interpreter ends by the signal itself
        sys.excepthook = lambda *_: None
        raise KeyboardInterrupt
    if end == 1:
        raise SystemExit(1)


def snapshot_into(recorder, fd: str, how: str) -> None:  # type: ignore[no-untyped-def]
    """Snapshots of all objects go into this file: those that are asked for, and one at the end."""
    import posix

    if fd:
        recorder.snapshot_into(int(fd), "values" in how, "end" in how)
        posix.close(int(fd))


def lead_executed(told: str, extension: str) -> None:
    """Pythons that the program starts find their way to the recorder: follow/sitecustomize.py."""
    import posix
    import sys

    if not told:
        return
    place = extension.rpartition("/")[0] + "/recording/follow"
    given = posix.environ.get(b"PYTHONPATH", b"")
    path = place.encode("utf-8", "surrogateescape") + (b":" + given if given else b"")
    for name, value in (
        (b"PYTHONPATH", path),
        (b"MEMSCOPE_FOLLOW", told.encode("utf-8", "surrogateescape")),
    ):
        os = sys.modules.get("os")
        if os is None:  # it makes os.environ of this one
            posix.environ[name] = value
            posix.putenv(name, value)
        else:
            os.environb[name] = value


def stop_at_exit(recorder) -> None:  # type: ignore[no-untyped-def]
    """First in, last out: the recording ends after the program's own exit functions."""
    import sys

    known = "atexit" in sys.modules
    import atexit

    atexit.register(recorder.stop)
    if not known:
        # What is registered belongs to the interpreter, not to the module.
        del sys.modules["atexit"]


main()
