"""Calls of decorated functions: what they share, and that only what is theirs comes out of them."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from counted_rows import BLOCKS, recorded_rows, rows

import memscope


@pytest.fixture(autouse=True)
def in_a_directory_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def captures() -> list[Path]:
    return sorted(Path.cwd().glob("*.mscope"))


def python(script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a script to its end; a deadlock is an error."""
    return subprocess.run(
        [sys.executable, "-c", script, *arguments],
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )


# ---- who shares --------------------------------------------------------------------------------


def test_threads_at_once_share_one_recording(capsys: pytest.CaptureFixture[str]) -> None:
    recording = memscope.record()
    together = threading.Barrier(4)

    @recording
    def load() -> None:
        together.wait()
        rows()
        together.wait()

    threads = [threading.Thread(target=load) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert captures() == [recording.path]
    assert recorded_rows(recording.capture) == 4 * BLOCKS
    assert (recording.calls, recording.calls_at_once) == (4, 4)
    assert capsys.readouterr().err == ""


def test_calls_that_chase_each_other_lose_nothing() -> None:
    """The first to come and the last to go meet all the time; each block is in some capture."""
    recording = memscope.record()

    @recording
    def load() -> None:
        rows()

    def go() -> None:
        for _ in range(10):
            load()

    threads = [threading.Thread(target=go) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(recorded_rows(memscope.load(path)) for path in captures()) == 40 * BLOCKS
    assert memscope.Recording.current is None


def test_a_recursion_is_one_recording() -> None:
    recording = memscope.record()

    @recording
    def load(depth: int) -> int:
        rows()
        return 1 if depth < 2 else depth * load(depth - 1)

    assert load(5) == 120
    assert captures() == [recording.path]
    assert recorded_rows(recording.capture) == 5 * BLOCKS
    assert (recording.calls, recording.calls_at_once) == (5, 5)


def test_tasks_at_once_share_one_recording() -> None:
    recording = memscope.record()

    @recording
    async def load(index: int) -> int:
        await asyncio.sleep(0)
        rows()
        await asyncio.sleep(0)
        return index

    async def main() -> list[int]:
        return await asyncio.gather(*(load(index) for index in range(5)))

    assert asyncio.run(main()) == [0, 1, 2, 3, 4]
    assert captures() == [recording.path]
    assert recorded_rows(recording.capture) == 5 * BLOCKS
    assert (recording.calls, recording.calls_at_once) == (5, 5)


def test_generators_that_are_interleaved_share_one_recording() -> None:
    recording = memscope.record()

    @recording
    def load() -> Iterator[int]:
        for index in range(3):
            rows()
            yield index

    assert list(zip(load(), load(), strict=True)) == [(0, 0), (1, 1), (2, 2)]
    assert captures() == [recording.path]
    assert recorded_rows(recording.capture) == 6 * BLOCKS
    assert (recording.calls, recording.calls_at_once) == (2, 2)


def test_two_functions_of_one_decorator_share_one_recording() -> None:
    recording = memscope.record()

    @recording
    def inner() -> None:
        rows()

    @recording
    def outer() -> None:
        inner()
        rows()

    outer()
    assert captures() == [recording.path]
    assert recorded_rows(recording.capture) == 2 * BLOCKS


def test_calls_one_after_another_are_recorded_each_on_its_own() -> None:
    recording = memscope.record()
    for number in range(1, 4):
        recording(rows)()
        assert len(captures()) == number
        assert recorded_rows(recording.capture) == BLOCKS
        assert (recording.calls, recording.calls_at_once) == (1, 1)


def test_a_call_within_another_s_recording_is_part_of_that(
    capsys: pytest.CaptureFixture[str],
) -> None:
    outer, inner = memscope.record("outer.mscope"), memscope.record("inner.mscope")
    load = inner(rows)

    @outer
    def run() -> None:
        for _ in range(3):
            load()

    run()
    assert captures() == [outer.path]
    assert recorded_rows(outer.capture) == 3 * BLOCKS
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "rows: called while a recording was on, and part of that one" in said


def test_a_call_within_a_recorded_block_is_part_of_that(capsys: pytest.CaptureFixture[str]) -> None:
    load = memscope.record("call.mscope")(rows)
    with memscope.record("block.mscope") as block:
        load()
        load()
    load()
    assert [path.name for path in captures()] == ["block.mscope", "call.mscope"]
    assert recorded_rows(block.capture) == 2 * BLOCKS
    assert capsys.readouterr().err.count("\n") == 1


# ---- whatever fails, the function runs ---------------------------------------------------------

FUNCTIONS = """
import asyncio, os, sys
import memscope

class Own(Exception):
    pass

def body(fails):
    kept = [str(index) for index in range(20_000)]
    if fails:
        raise Own("its own")
    return len(kept)

def in_a_loop(make):
    async def main():
        return await make()
    return asyncio.run(main())

def decorated(recording):
    @recording
    def plain(fails):
        return body(fails)

    @recording
    def generator(fails):
        yield body(fails)

    @recording
    async def coroutine(fails):
        await asyncio.sleep(0)
        return body(fails)

    @recording
    async def asynchronous(fails):
        yield body(fails)

    async def items(fails):
        return [item async for item in asynchronous(fails)][0]

    return {
        "plain": plain,
        "generator": lambda fails: list(generator(fails))[0],
        "coroutine": lambda fails: in_a_loop(lambda: coroutine(fails)),
        "asynchronous": lambda fails: in_a_loop(lambda: items(fails)),
    }[sys.argv[1]]

def outcomes(function):
    for fails in (False, True, False):
        try:
            print(function(fails))
        except Own as error:
            print(error, error.__context__)
"""
RIGHT = "20000\nits own None\n20000\n"

TROUBLE = {
    "the file exists": (
        'open("load.mscope", "w").close()\nrecording = memscope.record("load.mscope")'
    ),
    "no such directory": 'recording = memscope.record("nowhere/load.mscope")',
    "a file is no directory": (
        'open("file", "w").close()\nrecording = memscope.record("file/load.mscope")'
    ),
    "a directory is no file": 'os.mkdir("d")\nrecording = memscope.record("d", force=True)',
    "the disk is full": (
        'os.symlink("/dev/full", "load.mscope")\n'
        'recording = memscope.record("load.mscope", force=True)'
    ),
    "the working directory was removed": (
        'os.mkdir("gone"); os.chdir("gone"); os.rmdir("../gone")\nrecording = memscope.record()'
    ),
    "it was removed, and the file has a name": (
        'os.mkdir("gone"); os.chdir("gone"); os.rmdir("../gone")\n'
        'recording = memscope.record("load.mscope")'
    ),
    "no descriptors are left": (
        "import resource\n"
        "recording = memscope.record()\n"
        "soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)\n"
        "make = recording.again\n"
        "def again():\n"
        "    made = make()\n"
        "    def start():\n"
        "        resource.setrlimit(resource.RLIMIT_NOFILE, (3, hard))\n"
        "        try:\n"
        "            type(made).start(made)\n"
        "        finally:\n"
        "            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))\n"
        "    made.start = start\n"
        "    return made\n"
        "recording.again = again\n"
    ),
    "memory is short": (
        "from memscope import _recorder\nrecording = memscope.record()\n_recorder.fail_memory(1)\n"
    ),
    "stderr is closed": 'sys.stderr.close()\nrecording = memscope.record("nowhere/load.mscope")',
    "there is no stderr": 'sys.stderr = None\nrecording = memscope.record("nowhere/load.mscope")',
    "warnings are errors": (
        'import warnings; warnings.simplefilter("error")\n'
        'recording = memscope.record("nowhere/load.mscope")'
    ),
}
MUTE = {"stderr is closed", "there is no stderr"}


@pytest.mark.parametrize("kind", ["plain", "generator", "coroutine", "asynchronous"])
@pytest.mark.parametrize("trouble", TROUBLE)
def test_the_function_s_own_outcome_comes_out(trouble: str, kind: str) -> None:
    ran = python(f"{FUNCTIONS}\n{TROUBLE[trouble]}\noutcomes(decorated(recording))", kind)
    assert (ran.returncode, ran.stdout) == (0, RIGHT), ran.stderr
    said = ran.stderr.splitlines()
    assert len(said) == (0 if trouble in MUTE else 1), ran.stderr
    assert all(line.startswith("memscope: ") for line in said)


@pytest.mark.parametrize("kind", ["plain", "generator", "coroutine", "asynchronous"])
def test_a_directory_that_goes_away_meanwhile_is_said_in_a_line(kind: str) -> None:
    script = (
        "import shutil\n"
        "os.mkdir('gone'); os.chdir('gone')\n"
        "recording = memscope.record()\n"
        "of = body\n"
        "def body(fails):\n"
        "    os.chdir('/'); shutil.rmtree(here, ignore_errors=True)\n"
        "    return of(fails)\n"
        "here = os.getcwd()\n"
        "print(decorated(recording)(False))\n"
        "print(recording.path, recording.problem is not None)\n"
    )
    ran = python(FUNCTIONS + script, kind)
    assert (ran.returncode, ran.stdout) == (0, "20000\nNone True\n"), ran.stderr
    assert ran.stderr.count("\n") == 1
    assert "moved, replaced or deleted" in ran.stderr


# ---- forks -------------------------------------------------------------------------------------

FORKS = """
import os, sys, threading, warnings
import memscope
warnings.simplefilter("ignore")
recording = memscope.record()

def fork_and(child):
    pid = os.fork()
    if pid == 0:
        try:
            os._exit(child())
        except BaseException as error:
            print(repr(error), file=sys.stderr)
            os._exit(99)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

@recording
def leaf():
    return len([str(index) for index in range(1000)])
"""


def test_a_child_that_is_forked_in_a_call_leaves_it_and_records_itself() -> None:
    script = """
@recording
def load():
    return os.fork()

child = load()
if child == 0:
    assert leaf() == 1000
    print("child", recording.path.name.count(str(os.getpid())), recording.calls, flush=True)
    os._exit(0)
os.waitpid(child, 0)
print("parent", recording.path.name.count(str(os.getpid())), recording.calls)
"""
    ran = python(FORKS + script)
    assert (ran.returncode, ran.stderr) == (0, ""), ran.stderr
    assert ran.stdout == "child 1 1\nparent 1 1\n"
    assert all(memscope.load(path).complete for path in captures())
    assert len(captures()) == 2


def test_children_that_are_forked_among_threads_are_not_held_up() -> None:
    """A lock that another thread held at the fork would never be released in the child."""
    script = """
over = False
def churn():
    while not over:
        leaf()

threads = [threading.Thread(target=churn) for _ in range(3)]
for thread in threads:
    thread.start()
sys.setswitchinterval(1e-4)
print({fork_and(lambda: leaf() - 1000) for _ in range(20)})
over = True
for thread in threads:
    thread.join()
"""
    ran = python(FORKS + script)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "{0}\n", ""), ran.stderr


# ---- in the midst of anything ------------------------------------------------------------------


# What the collector finds in the thread that finishes a capture, while the main thread waits for it
# and has begun or ended another recording: a signal handler came in the midst of that.
FOUND = {
    "a decorated function": "Circle(handled)",
    "a recording": "Circle(begin)",
    "a snapshot": "Circle(block.snapshot)",
    "a forgotten call": "forget()",
}


@pytest.mark.parametrize("found", FOUND.values(), ids=list(FOUND))
def test_finalizers_in_memscopes_own_thread_wait_for_nobody(found: str) -> None:
    script = f"""
import gc
import memscope
from memscope.recording import session
from memscope.recording.switch import switch
block = memscope.record("block.mscope", force=True)
recording = memscope.record("load.mscope", force=True)
count = 0

@recording
def handled():
    global count
    count += 1

@recording
def numbers(circle):
    circle.append(circle)
    yield 1

def begin():
    try:
        memscope.record("more.mscope").start()
    except memscope.MemscopeError:
        handled()

class Circle:
    def __init__(self, end):
        self.itself, self.end = self, end
    def __del__(self):
        self.end()

def forget():
    circle = []
    circle.append(numbers(circle))
    next(circle[0])

def collecting(*arguments):
    collected.append(gc.collect())
    return pack(*arguments)

collected, pack = [], session.pack
gc.disable()
block.start()
block.unhook()
{found}
session.pack = collecting
with switch.lock:
    block.finish()
print(collected[0] > 0)
"""
    ran = python(script)
    assert (ran.returncode, ran.stdout) == (0, "True\n"), ran.stderr
    assert not ran.stderr or "no snapshot" in ran.stderr


def test_a_finalizer_in_memscopes_own_thread_may_end_another_recording() -> None:
    """The main thread holds the lock that the end needs, and waits for that thread."""
    script = """
import gc
import time
import memscope
from memscope.recording import session
from memscope.recording.switch import switch

class Circle:
    def __init__(self, end):
        self.itself, self.end = self, end
    def __del__(self):
        self.end()

def collecting(*arguments):
    gc.collect()
    return pack(*arguments)

pack = session.pack
gc.disable()
block = memscope.record("block.mscope", force=True)
block.start()
block.unhook()
other = memscope.record("other.mscope", force=True)
other.start()
Circle(other.stop)
session.pack = collecting
with switch.lock:
    block.finish()
session.pack = pack
while other.path is None:
    time.sleep(0.01)
with other.capture as capture:
    print(capture.complete, other.problem, other.is_on)
"""
    ran = python(script)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "True None False\n", "")


def test_calls_from_signal_handlers_and_finalizers_come_through() -> None:
    script = """
import gc, signal, sys, weakref
import memscope
recording = memscope.record("load.mscope", force=True)
counts = {"load": 0, "handled": 0, "finalized": 0, "called back": 0}

@recording
def load():
    counts["load"] += 1
    return [Circle() for _ in range(10)]

@recording
def handled(number, frame):
    counts["handled"] += 1
    load()
    block = memscope.record("block.mscope", force=True)
    try:
        with block:
            pass
    except memscope.MemscopeError as error:
        assert "already on" in str(error), error

@recording
def finalized():
    counts["finalized"] += 1

class Circle:
    def __init__(self):
        self.itself = self
        weakref.finalize(self, called_back)
    def __del__(self):
        finalized()

@recording
def called_back():
    counts["called back"] += 1

gc.set_threshold(50)
signal.signal(signal.SIGALRM, handled)
step = 0
while min(counts.values()) < 50:
    step += 1
    signal.setitimer(signal.ITIMER_REAL, 1e-5 + step % 100 * 5e-5)
    load()
signal.setitimer(signal.ITIMER_REAL, 0)
gc.collect()
print(memscope.Recording.current)
"""
    ran = python(script)
    assert (ran.returncode, ran.stdout) == (0, "None\n"), ran.stderr


def test_an_exception_of_a_signal_handler_is_the_program_s() -> None:
    """It may come up within memscope's own code: it passes, and the next recording is as ever."""
    script = """
import itertools, os, signal
import memscope
recording = memscope.record("load.mscope", force=True)

@recording
def load():
    return [str(index) for index in range(100)]

class Alarm(Exception):
    pass

def alarm(number, frame):
    raise Alarm

load()
signal.signal(signal.SIGALRM, alarm)
alarms = 0
for step in itertools.count():
    if alarms >= 100:
        break
    try:
        signal.setitimer(signal.ITIMER_REAL, 1e-5 + step % 200 * 2e-5)
        for _ in range(5):
            load()
        signal.setitimer(signal.ITIMER_REAL, 0)
    except Alarm:
        alarms += 1
signal.setitimer(signal.ITIMER_REAL, 0)
before = len(os.listdir("/proc/self/fd"))
load()
print(recording.problem, memscope.Recording.current, len(os.listdir("/proc/self/fd")) - before)
"""
    ran = python(script)
    assert (ran.returncode, ran.stdout) == (0, "None None 0\n"), ran.stderr


def test_the_end_of_a_recursion_is_its_own() -> None:
    script = """
import sys
import memscope
recording = memscope.record("load.mscope", force=True)

def at_depth(depth, function):
    return at_depth(depth - 1, function) if depth else function()

@recording
def deep(depth):
    return deep(depth + 1)

@recording
def shallow():
    return 1

for _ in range(3):
    try:
        deep(0)
    except RecursionError as error:
        print("its own")
limit = sys.getrecursionlimit()
for depth in (*range(0, limit, 40), *range(limit - 100, limit)):
    try:
        at_depth(depth, shallow)
    except RecursionError:
        pass
print(shallow(), recording.problem, memscope.Recording.current)
"""
    ran = python(script)
    assert (ran.returncode, ran.stdout) == (0, "its own\n" * 3 + "1 None None\n"), ran.stderr


# ---- descriptors and exit functions ------------------------------------------------------------


def test_no_descriptor_is_closed_twice_and_none_stays_open() -> None:
    """Threads open files all the time, so that a number that is closed again is another's."""
    script = """
import atexit, os, sys, threading
import memscope
recording = memscope.record("load.mscope", force=True)
load = recording(lambda: [str(index) for index in range(100)])
load()
over, wrong = False, []
functions = atexit._ncallbacks()

def watch():
    while not over:
        fd = os.open("/dev/null", os.O_RDONLY)
        read, write = os.pipe()
        files = [(each, os.fstat(each).st_ino) for each in (fd, read, write)]
        load()
        for each, inode in files:
            try:
                if os.fstat(each).st_ino != inode:
                    wrong.append("another file")
                os.close(each)
            except OSError as error:
                wrong.append(repr(error))

before = len(os.listdir("/proc/self/fd"))
sys.setswitchinterval(1e-4)
threads = [threading.Thread(target=watch) for _ in range(3)]
for thread in threads:
    thread.start()
for _ in range(100):
    load()
    try:
        with memscope.record("block.mscope", force=True) as block:
            block.stop()
            block.stop()
    except memscope.MemscopeError as error:
        if "already on" not in str(error):
            wrong.append(str(error))
over = True
for thread in threads:
    thread.join()
print(wrong, len(os.listdir("/proc/self/fd")) - before, atexit._ncallbacks() - functions)
"""
    ran = python(script)
    assert (ran.returncode, ran.stdout) == (0, "[] 0 0\n"), ran.stderr


def test_a_descriptor_that_the_program_took_over_is_left_alone() -> None:
    script = """
import os
import memscope
recording = memscope.record("load.mscope")

@recording
def daemonize():
    os.closerange(3, 256)
    return [os.open(f"mine-{number}", os.O_RDWR | os.O_CREAT) for number in range(20)]

mine = daemonize()
print(sum(os.fstat(fd).st_size for fd in mine), recording.problem is not None)
"""
    ran = python(script)
    assert (ran.returncode, ran.stdout) == (0, "0 True\n"), ran.stderr
    assert ran.stderr.count("\n") == 1


# ---- at the interpreter's end ------------------------------------------------------------------

ENDS: dict[str, tuple[str, str]] = {
    "a call in a daemon thread": (
        "begun = threading.Event()\n"
        "@recording\n"
        "def wait():\n"
        "    begun.set()\n"
        "    time.sleep(3600)\n"
        "threading.Thread(target=wait, daemon=True).start()\n"
        "begun.wait()\n"
        "print('end')\n",
        "end\n",
    ),
    "a generator that nobody ends": (
        "@recording\ndef items():\n    yield 1\n    yield 2\nleft = items()\nprint(next(left))\n",
        "1\n",
    ),
    "a call from an exit function": (
        "@recording\ndef late():\n    print('late')\natexit.register(late)\nprint('end')\n",
        "end\nlate\n",
    ),
    "calls of daemon threads meanwhile": (
        "@recording\n"
        "def load():\n"
        "    return [str(index) for index in range(1000)]\n"
        "def churn():\n"
        "    while True:\n"
        "        load()\n"
        "for _ in range(3):\n"
        "    threading.Thread(target=churn, daemon=True).start()\n"
        "load()\n"
        "print('end')\n",
        "end\n",
    ),
    "a finalizer of what is left": (
        "class Last:\n"
        "    @recording\n"
        "    def __del__(self):\n"
        "        print('gone')\n"
        "last = Last()\n"
        "last.itself = last\n"
        "print('end')\n",
        "end\ngone\n",
    ),
    "a call that is cut by os._exit": (
        "@recording\ndef leave():\n    print('end', flush=True)\n    os._exit(0)\nleave()\n",
        "end\n",
    ),
}


@pytest.mark.parametrize("name", ENDS)
def test_the_interpreter_ends_as_ever(name: str) -> None:
    script, output = ENDS[name]
    head = (
        "import atexit, os, threading, time\nimport memscope\n"
        "recording = memscope.record('load.mscope', force=True)\n"
    )
    ran = python(head + script)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, output, "")


def test_in_an_interpreter_that_cannot_be_recorded_functions_run() -> None:
    script = """
import sys
try:
    import _interpreters as interpreters
except ImportError:
    import _xxsubinterpreters as interpreters
import os, pathlib
text = '''
import memscope
recording = memscope.record("load.mscope")
try:
    with recording:
        print("recorded")
except memscope.MemscopeError as error:
    print("refused", str(error).count(chr(10)))
print(memscope.record()(len)("abc"), flush=True)
'''
other = interpreters.create()
failed = interpreters.run_string(other, text)
interpreters.destroy(other)
print(failed)
"""
    ran = python(script)
    assert (ran.returncode, ran.stdout) == (0, "refused 0\n3\nNone\n"), ran.stderr
    assert ran.stderr.count("\n") == 1
    assert captures() == []
