"""Programs that look after their own room: they limit, lock, filter or give away what they have.
They must get as far with memscope as without."""

from __future__ import annotations

import ctypes
import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from end_to_end.side_by_side import ENVIRONMENT, UNRECORDED, Bench, Ran, assert_same

from memscope.capture import Capture, load

MIB = 1 << 20

# 2 ** 17 stacks, each with an allocation of its own: 4 MiB of nodes, of which 1 is there at first.
WORK = """
import ctypes, os, resource, signal, sys, threading
def even(depth):
    return bytes(600) if depth == 0 else (even(depth - 1), odd(depth - 1))
def odd(depth):
    return bytes(700) if depth == 0 else (odd(depth - 1), even(depth - 1))
def work(most=17):
    count = 0
    for depth in range(most - 4):
        count += bool(even(depth)) + bool(odd(depth))
    return count + many(most)
def many(depth):
    return 1 if depth == 0 else many_of(depth, bytes(600)) + many_of(depth, bytes(700))
def many_of(depth, block):
    return many(depth - 1)
def status(key):
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) << 10 for line in file if line.startswith(key))
def limit(which, soft):
    resource.setrlimit(which, (soft, resource.getrlimit(which)[1]))
libc = ctypes.CDLL(None, use_errno=True)
"""

UNPRIVILEGED = """
if os.getuid() == 0:
    os.setgid(65534), os.setuid(65534)
"""

LIMITS = {
    "address space": "limit(resource.RLIMIT_AS, status('VmSize') + (60 << 20))",
    "data": "limit(resource.RLIMIT_DATA, status('VmData') + (60 << 20))",
    "no file": "limit(resource.RLIMIT_FSIZE, 0)",
    "no file, or death": """
signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
limit(resource.RLIMIT_FSIZE, 0)
""",
    "small files": "limit(resource.RLIMIT_FSIZE, 1 << 20)",
    "small files, or death": """
signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
limit(resource.RLIMIT_FSIZE, 1 << 20)
""",
    "for good": "resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))",
    "descriptors": "limit(resource.RLIMIT_NOFILE, 8)",
    "no descriptors": "limit(resource.RLIMIT_NOFILE, 0)",
    "stack": "limit(resource.RLIMIT_STACK, 1 << 20)",
    "stack without end": "limit(resource.RLIMIT_STACK, resource.RLIM_INFINITY)",
    "processes": UNPRIVILEGED + "limit(resource.RLIMIT_NPROC, 0)",
    "core files": "limit(resource.RLIMIT_CORE, 0)",
    "another user": UNPRIVILEGED,
    "closed descriptors": "os.closerange(3, 1 << 16)",
    "descriptors taken": """
os.closerange(3, 1 << 16)
files = [open(f"file{number}", "w+b") for number in range(40)]
""",
    "another directory": "os.mkdir('gone'); os.chdir('gone'); os.rmdir('../gone')",
}

THEN = """
print(work(MOST))
thread = threading.Thread(target=lambda: print(work(MOST)))
try:
    thread.start()
    thread.join()
except RuntimeError as error:
    print(error)
if "files" in globals():
    print([file.seek(0, 2) for file in files])
print("done")
"""


def capture_of(bench: Bench, name: str = "run.mscope") -> Capture:
    return load(bench.captures / name)


def is_grown(capture: Capture) -> bool:
    """Whether there were more stacks than there was room for at the start."""
    return capture.end.segment_bytes - 16 * min(capture.end.events, 1 << 18) > 3 * MIB


@pytest.mark.parametrize("taken", LIMITS)
def test_what_a_program_takes_from_itself(bench: Bench, taken: str) -> None:
    bench.write("script.py", WORK + LIMITS[taken] + "\nMOST = 17\n" + THEN)
    native = bench.same("script.py")
    assert (native.status, native.stderr) == (0, b"")
    assert b"done" in native.stdout
    capture = capture_of(bench)
    assert capture.end.complete
    assert is_grown(capture)


def without_our_words(ran: Ran) -> Ran:
    """As it is when memscope does not say what became of the capture."""
    return replace(ran, stderr=re.sub(rb"(?m)^memscope: [^\n]*\n", b"", ran.stderr))


def indented(body: str) -> str:
    return body.replace("\n", "\n    ")


@pytest.mark.parametrize(
    "taken",
    ["address space", "data", "small files", "small files, or death", "stack", "core files"],
)
def test_recording_begun_in_little_room(bench: Bench, taken: str) -> None:
    """The limits are there when record() begins; its capture has less than a megabyte."""
    source = f"""
import memscope
from contextlib import nullcontext
MOST = 9
{LIMITS[taken]}
with memscope.record({str(bench.capture)!r}) if len(sys.argv) > 1 else nullcontext():
    {indented(THEN)}
"""
    bench.write("script.py", WORK + source)
    native = bench.native("script.py")
    assert (native.status, native.stderr) == (0, b"")
    assert b"done" in native.stdout
    assert_same(bench.native("script.py", "record"), native)
    assert capture_of(bench).end.complete


@pytest.mark.parametrize("taken", LIMITS)
def test_room_that_goes_while_recording(bench: Bench, taken: str) -> None:
    """The program gets to its end; what becomes of the capture is said, and no file is touched."""
    bench.captures.chmod(0o777)
    source = f"""
import memscope
from contextlib import nullcontext, suppress
MOST = 12
with suppress(memscope.MemscopeError):
    with memscope.record({str(bench.capture)!r}) if len(sys.argv) > 1 else nullcontext():
        {indented(indented(LIMITS[taken] + chr(10) + THEN))}
print([os.fstat(file.fileno()).st_size for file in globals().get("files", [])])
"""
    bench.write("script.py", WORK + source)
    native = bench.native("script.py")
    assert (native.status, native.stderr) == (0, b"")
    assert b"done" in native.stdout
    assert_same(without_our_words(bench.native("script.py", "record")), native)


@pytest.mark.parametrize("flags", [1, 3, 7], ids=["now", "now and later", "when touched"])
def test_locked_memory(bench: Bench, flags: int) -> None:
    source = f"""
if libc.mlockall({flags}) != 0:
    sys.exit(ctypes.get_errno())
print(work())
with open(sys.argv[1], "w") as file:
    print(status("VmRSS"), file=file)
"""
    bench.write("script.py", WORK + source)
    resident = []
    for number, run in enumerate((bench.native, bench.recorded)):
        ran = run("script.py", str(number))
        if ran.status != 0 and number == 0:
            pytest.skip("memory cannot be locked here")
        assert ran.status == 0, ran.stderr.decode()
        resident.append(int((bench.cwd / str(number)).read_text()))
    # Rings and the first tables are 8 MiB; the stacks of this program 4 MiB, in three tables.
    assert resident[1] - resident[0] < 48 * MIB


@pytest.mark.parametrize("flags", [1, 3, 7], ids=["now", "now and later", "when touched"])
def test_locked_memory_for_an_idle_program(bench: Bench, flags: int) -> None:
    source = f"""
locked = libc.mlockall({flags})
with open(sys.argv[1], "w") as file:
    print(status("VmRSS"), file=file)
sys.exit(-locked)
"""
    bench.write("script.py", WORK + source)
    if bench.native("script.py", "native").status != 0:
        pytest.skip("memory cannot be locked here")
    assert bench.recorded("script.py", "recorded").status == 0
    native, recorded = (int((bench.cwd / name).read_text()) for name in ("native", "recorded"))
    assert recorded - native < 20 * MIB


# Many other stacks, in blocks that the heap has free: it need not grow for them.
SPARE = """
spare = [bytes(700) for _ in range(20_000)]
work(17)
del spare
def another(depth):
    return 1 if depth == 0 else another_of(depth, bytes(300)) + another_of(depth, bytes(400))
def another_of(depth, block):
    return another(depth - 1)
"""


def assert_is_told(bench: Bench) -> None:
    end = capture_of(bench).end
    assert end.complete == (end.lost_stacks == 0)
    said = bench.memscope("summary", str(bench.capture))
    assert (b"partial" in said.stdout) == (end.lost_stacks != 0)
    assert sum(capture_of(bench).totals.allocations) > 2 * 262_144


@pytest.mark.parametrize("flags", [2, 6], ids=["later", "when touched"])
def test_memory_that_cannot_be_locked_is_refused(bench: Bench, flags: int) -> None:
    """With EAGAIN: it counts against the program's limit, and memscope's tables go without."""
    source = f"""
{SPARE}
{UNPRIVILEGED}
if libc.mlockall({flags}) != 0:
    sys.exit(ctypes.get_errno())
limit(resource.RLIMIT_MEMLOCK, 4096)
print(another(18))
"""
    bench.write("script.py", WORK + source)
    native = bench.native("script.py")
    if native.status != 0:
        pytest.skip("memory cannot be locked here")
    assert native.stdout == b"262144\n"
    assert_same(without_our_words(bench.recorded("script.py")), native)
    assert_is_told(bench)


@pytest.mark.parametrize("which", ["RLIMIT_AS", "RLIMIT_DATA"])
def test_no_room_at_all_cuts_stacks_and_says_so(bench: Bench, which: str) -> None:
    source = f"""
{SPARE}
before = resource.getrlimit(resource.{which})
resource.setrlimit(resource.{which}, (4096, before[1]))
count = another(18)
resource.setrlimit(resource.{which}, before)
print(count)
"""
    bench.write("script.py", WORK + source)
    native = bench.native("script.py")
    assert native.stdout == b"262144\n"
    assert_same(without_our_words(bench.recorded("script.py")), native)
    assert capture_of(bench).end.lost_stacks > 1000
    assert_is_told(bench)


# ---- seccomp -------------------------------------------------------------------------------------

X86_64 = {
    "mmap": 9,
    "mremap": 25,
    "madvise": 28,
    "memfd_create": 319,
    "ftruncate": 77,
    "mlock": 149,
}
X86_64 |= {
    "munlock": 150,
    "prctl": 157,
    "openat": 257,
    "socket": 41,
    "sendmsg": 46,
    "fallocate": 285,
}
X86_64 |= {"pidfd_open": 434, "process_vm_readv": 310, "getrlimit": 97, "gettid": 186}
X86_64 |= {"pwrite64": 18}
AARCH64 = {
    "mmap": 222,
    "mremap": 216,
    "madvise": 233,
    "memfd_create": 279,
    "ftruncate": 46,
    "mlock": 228,
}
AARCH64 |= {
    "munlock": 229,
    "prctl": 167,
    "openat": 56,
    "socket": 198,
    "sendmsg": 211,
    "fallocate": 47,
}
AARCH64 |= {"pidfd_open": 434, "process_vm_readv": 270, "getrlimit": 163, "gettid": 178}
AARCH64 |= {"pwrite64": 68}
NUMBERS = {"x86_64": X86_64, "aarch64": AARCH64}.get(os.uname().machine, {})

SECCOMP = """
class Instruction(ctypes.Structure):
    _fields_ = [("code", ctypes.c_ushort), ("yes", ctypes.c_ubyte), ("no", ctypes.c_ubyte)]
    _fields_ += [("k", ctypes.c_uint)]
class Program(ctypes.Structure):
    _fields_ = [("count", ctypes.c_ushort), ("instructions", ctypes.POINTER(Instruction))]
def forbid(numbers, answer):
    lines = [(0x20, 0, 0, 0)]
    for place, number in enumerate(numbers):
        lines.append((0x15, len(numbers) - place, 0, number))
    lines += [(0x06, 0, 0, 0x7FFF0000), (0x06, 0, 0, answer)]
    instructions = [Instruction(*line) for line in lines]
    program = Program(len(lines), (Instruction * len(lines))(*instructions))
    if libc.prctl(38, 1, 0, 0, 0) != 0 or libc.prctl(22, 2, ctypes.byref(program), 0, 0) != 0:
        sys.exit(99)
REFUSE, KILL = 0x00050001, 0x80000000
"""


def filtered(bench: Bench, answer: str, names: list[str]) -> Ran:
    if not NUMBERS:
        pytest.skip("the numbers of system calls are not known here")
    source = f"forbid({[NUMBERS[name] for name in names]}, {answer})\nprint(work())\n"
    bench.write("script.py", WORK + SECCOMP + source)
    native = bench.native("script.py")
    if native.status == 99:
        pytest.skip("no seccomp filters here")
    assert native.status == 0, native.stderr.decode()
    assert_same(without_our_words(bench.recorded("script.py")), native)
    return native


@pytest.mark.parametrize(
    ("names", "whole"),
    [
        (["memfd_create", "ftruncate", "fallocate", "madvise", "mlock", "munlock"], True),
        (["openat", "socket", "sendmsg", "prctl", "pidfd_open"], True),
        (["mremap"], False),
        (["mmap", "mremap"], False),
    ],
    ids=["files", "others", "growth", "memory"],
)
def test_system_calls_that_are_refused(bench: Bench, names: list[str], whole: bool) -> None:
    filtered(bench, "REFUSE", names)
    end = capture_of(bench).end
    assert end.complete == whole
    assert (end.lost_stacks == 0) == whole


def test_system_calls_that_kill(bench: Bench) -> None:
    """While it records, memscope asks the kernel for nothing that libc's malloc would not."""
    names = [name for name in NUMBERS if name not in ("mmap", "mremap")]
    filtered(bench, "KILL", names)
    assert capture_of(bench).end.complete


FORKS = """
forbid({numbers}, KILL)
pid = os.fork()
print(work(12), flush=True)
if pid:
    print(os.waitpid(pid, 0)[1])
"""


def test_system_calls_that_kill_a_forked_child(bench: Bench) -> None:
    """What is left of the recording there is without effect, and nothing is to be taken out."""
    if not NUMBERS:
        pytest.skip("the numbers of system calls are not known here")
    names = ("pwrite64", "process_vm_readv", "memfd_create", "ftruncate", "socket", "sendmsg")
    numbers = [NUMBERS[name] for name in names]
    bench.write("script.py", WORK + SECCOMP + FORKS.format(numbers=numbers))
    native = bench.native("script.py")
    if native.status == 99:
        pytest.skip("no seccomp filters here")
    assert native.status == 0, native.stderr.decode()
    assert_same(bench.recorded("script.py"), native)
    assert capture_of(bench).end.complete


@pytest.mark.parametrize("taken", ["filter", "no descriptors", "for good"])
def test_a_child_that_cannot_be_followed_goes_on(bench: Bench, taken: str) -> None:
    """It would need a memory file of its own, and a descriptor to hand it over."""
    if taken == "filter" and not NUMBERS:
        pytest.skip("the numbers of system calls are not known here")
    names = ("memfd_create", "ftruncate", "sendmsg", "socket")
    numbers = [NUMBERS[name] for name in names] if NUMBERS else []
    take = f"forbid({numbers}, REFUSE)" if taken == "filter" else LIMITS[taken]
    source = f"""
{take}
pid = os.fork()
print(work(12), flush=True)
if pid:
    print(os.waitpid(pid, 0)[1])
"""
    bench.write("script.py", WORK + SECCOMP + source)
    native = bench.native("script.py")
    if native.status == 99:
        pytest.skip("no seccomp filters here")
    assert native.status == 0, native.stderr.decode()
    assert_same(bench.recorded("script.py", options=["-q", "--follow-fork"]), native)
    assert capture_of(bench).end.complete


# ---- other roots, other processes ----------------------------------------------------------------


def unshared(script: str) -> dict[str, Any]:
    """How to run a command in a mount namespace of its own after a shell script."""
    unshare = shutil.which("unshare")
    if unshare is None or subprocess.run([unshare, "-m", "true"], check=False).returncode != 0:
        pytest.skip("needs a mount namespace")
    return {"shell": f"""exec {unshare} -m sh -c '{script} && exec "$@"' sh "$@" """}


def test_a_system_that_cannot_be_written_to(bench: Bench) -> None:
    """As in a container with --read-only and the small /dev/shm that some give."""
    script = f"""
mount -t tmpfs -o size=64k none /dev/shm && mount -t tmpfs -o size=4k,ro none /tmp &&
mount --bind {bench.captures} {bench.captures} && mount -o remount,bind,ro /"""
    how = unshared(" ".join(script.split("\n")))
    source = WORK + "work(); print(open(sys.argv[0]).read() == '')\n"
    bench.write("script.py", source)
    where = bench.captures
    if any(Path("/tmp") in path.parents for path in (bench.cwd, Path(sys.prefix), Path.cwd())):
        how = unshared(
            f"mount -t tmpfs -o size=64k none /dev/shm && mount --bind {where} {where}"
            " && mount -o remount,bind,ro /"
        )
    bench.same("script.py", **how)
    assert capture_of(bench).end.complete


def test_another_root(bench: Bench) -> None:
    if os.getuid() != 0:
        pytest.skip("only root may change the root directory")
    source = """
os.mkdir("root")
os.chroot("root")
os.chdir("/")
print(os.listdir("/"), work())
"""
    bench.write("script.py", WORK + source)
    for run in (bench.native, bench.recorded):
        ran = run("script.py")
        assert ran.status == 0, ran.stderr.decode()
        (bench.cwd / "root").rmdir()
    assert capture_of(bench).end.complete


@pytest.mark.parametrize("options", [["-q"], ["-q", "--follow-fork"]], ids=["alone", "followed"])
def test_a_daemon_comes_to_be(bench: Bench, options: list[str]) -> None:
    source = """
if os.fork():
    os._exit(0)
os.setsid()
if os.fork():
    os._exit(0)
os.closerange(0, 1 << 16)
os.open("/dev/null", os.O_RDWR), os.dup(0), os.dup(0)
os.chdir("/")
limit(resource.RLIMIT_NOFILE, 4)
done = work()
path = sys.argv[1]
with open(path + ".new", "w") as file:
    print(done, os.getpid() != os.getpgid(0), file=file)
os.rename(path + ".new", path)
"""
    bench.write("script.py", WORK + source)
    said = []
    for name in ("native", "recorded"):
        path = bench.cwd / name
        if name == "native":
            ran = bench.native("script.py", str(path))
        else:
            ran = bench.recorded("script.py", str(path), options=options)
        assert (ran.status, UNRECORDED.sub(b"", ran.stderr)) == (0, b"")
        subprocess.run(
            ["sh", "-c", f"while ! test -e {path}; do sleep 0.05; done"], check=True, timeout=300
        )
        said.append(path.read_text())
    assert said[0] == said[1]


# ---- what is added -------------------------------------------------------------------------------

SIZES = """
with open(sys.argv[1], "w") as file:
    print(status("VmSize"), status("VmData"), status("VmRSS"), len(os.listdir("/proc/self/fd")),
          len(os.listdir("/proc/self/task")), file=file)
"""


def sizes(path: Path) -> dict[str, int]:
    names = ("address_space", "data", "resident", "descriptors", "threads")
    return dict(zip(names, map(int, path.read_text().split()), strict=True))


@pytest.mark.parametrize("options", [["-q"], ["-q", "--follow-fork"], ["-q", "--sample", "4096"]])
def test_what_is_added_at_the_start(bench: Bench, options: list[str]) -> None:
    bench.write("script.py", WORK + SIZES)
    bench.native("script.py", "native")
    bench.recorded("script.py", "recorded", options=options)
    native, recorded = sizes(bench.cwd / "native"), sizes(bench.cwd / "recorded")
    added = {name: recorded[name] - native[name] for name in native}
    assert added["address_space"] < 16 * MIB
    assert added["data"] < 4 * MIB
    assert added["resident"] < 16 * MIB
    assert added["threads"] == 0
    assert added["descriptors"] == ("--follow-fork" in options)


@pytest.mark.parametrize("heap_mib", [0, 300])
def test_what_record_adds_at_the_start(bench: Bench, heap_mib: int) -> None:
    source = f"""
import memscope, time
heap = [bytes(400) for _ in range({heap_mib} << 11)]
def now():
    return status("VmSize"), status("VmPeak"), status("VmRSS"), len(os.listdir("/proc/self/task"))
before = now()
with memscope.record({str(bench.capture)!r}):
    begun = now()
    kept = []
    for _ in range(20):
        kept.append([bytes(40) for _ in range(1000)])
        time.sleep(0.01)
    later = now()
print(*(b - a for a, b in zip(before, begun)), *(b - a for a, b in zip(before, later)))
"""
    ran = bench.native(str(bench.write("script.py", WORK + source)))
    assert ran.status == 0, ran.stderr.decode()
    size, peak, resident, threads, *later = map(int, ran.stdout.split())
    assert size < 32 * MIB
    assert peak < 32 * MIB
    assert resident < 16 * MIB
    assert threads == later[3] == 1
    assert later[0] < 64 * MIB


def test_neighbours_in_the_middle_of_nowhere(bench: Bench) -> None:
    """Somebody else has mapped all that lies where tables would grow: they are mapped elsewhere."""
    libc = ctypes.CDLL(None, use_errno=True)
    if not hasattr(libc, "mmap"):
        pytest.skip("no mmap")
    source = f"""
import memscope
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_int] * 3, ctypes.c_long]
with open("/proc/self/maps") as file:
    top = max(int(line.split("-")[0], 16) for line in file if "libc" in line)
step, taken = 1 << 32, 0
for place in range(top // 8 // step * step, top // 4 * 3 // step * step, step):
    taken += libc.mmap(place, step, 0, 0x4022 | 0x100000, -1, 0) == place
print(taken > 1000)
with memscope.record({str(bench.capture)!r}):
    print(work())
"""
    ran = bench.native(str(bench.write("script.py", WORK + source)), environment=ENVIRONMENT)
    assert (ran.status, ran.stderr) == (0, b""), ran.stderr.decode()
    assert ran.stdout == b"True\n131098\n"
    capture = capture_of(bench)
    assert capture.end.complete == (capture.end.lost_stacks == 0)
