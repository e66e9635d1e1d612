"""Starts coverage.py in a process, as the interpreter starts; run by a .pth file of `run`.

Both coverage.py and gcov write when a process ends in the ordinary way. memscope's own processes
end by os._exit, or by the signal that ended the program, so they are made to write before.
"""

import os
import sys


def _is_to_be_measured(words: list[str]) -> bool:
    """Whether this is pytest, a worker of it, or memscope; never a program that is recorded."""
    while words and words[0].startswith("-") and words[0] not in ("-c", "-m"):
        words = words[2:] if words[0] in ("-W", "-X") else words[1:]
    if words[:1] == ["-c"]:
        return "stdin.readline" in words[1]  # how pytest-xdist starts its workers
    name = words[1:2] if words[:1] == ["-m"] else [os.path.basename(word) for word in words[:1]]
    return name in (["pytest"], ["memscope"])


def _measure() -> None:
    place = os.environ.get("MEASURED")
    if place is None or not _is_to_be_measured(sys.orig_argv[1:]):
        return
    import coverage

    if coverage.Coverage.current() is not None:  # read twice, by way of lib64
        return
    measuring = coverage.Coverage(
        data_file=os.path.join(place, "lines"),
        data_suffix=True,
        source_pkgs=["memscope"],
        config_file=False,
        messages=False,
    )
    if sys.version_info >= (3, 12):
        measuring.set_option("run:core", "sysmon")  # sets no trace function, and costs less
    # As coverage.py does itself where it measures subprocesses.
    measuring._warn_no_data = measuring._warn_unimported_source = False
    measuring._auto_save = True
    measuring.start()
    real_exit, real_kill = os._exit, os.kill

    def write() -> None:
        import ctypes

        measuring.save()
        recorder = sys.modules.get("memscope._recorder")
        if recorder is not None:
            ctypes.CDLL(recorder.__file__).ms_write_coverage()

    def write_and_exit(status: int) -> None:
        try:
            write()
        finally:
            real_exit(status)

    def write_and_kill(pid: int, signal: int) -> None:
        if pid == os.getpid():
            write()
        real_kill(pid, signal)

    os._exit, os.kill = write_and_exit, write_and_kill


_measure()
