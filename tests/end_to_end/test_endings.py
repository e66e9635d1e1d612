"""However a program ends, memscope ends the same way, and keeps all that came before."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable

import pytest
from end_to_end.side_by_side import Bench, Ran, assert_same, without_addresses

ENDINGS = {
    "falls off the end": "x = [bytes(9) for _ in range(99)]",
    "exits with nothing": "raise SystemExit",
    "exits with 0": "raise SystemExit(0)",
    "exits with a number": "import sys; sys.exit(42)",
    "exits with a large number": "import sys; sys.exit(300)",
    "exits with a negative number": "import sys; sys.exit(-1)",
    "exits with a bool": "import sys; sys.exit(True)",
    "exits with words": "import sys; sys.exit('it went wrong')",
    "exits with an object": "import sys; sys.exit(['a', 1])",
    "exits from a function called exit": "exit(5)",
    "exits at once": "import os; print('lost'); os._exit(9)",
    "exits at once, flushed": "import os; print('kept', flush=True); os._exit(9)",
    "exits in a thread": "import threading, sys; t = threading.Thread(target=sys.exit, args=(4,))\n"
    "t.start(); t.join(); print('still here')",
    "raises": "def f():\n    return 1 / 0\nf()",
    "raises at the top": "undefined_name",
    "raises while handling": "try:\n    {}['a']\nexcept KeyError:\n    [][0]",
    "raises KeyboardInterrupt": "raise KeyboardInterrupt",
    "raises BaseException": "raise BaseException('base')",
    "raises without a text": "class E(Exception):\n    def __str__(self): return 1\nraise E",
    "raises in a thread": "import threading\nt = threading.Thread(target=lambda: 1 / 0, name='T')\n"
    "t.start(); t.join()",
    "raises in __del__": "class A:\n    def __del__(self): raise ValueError('in del')\nA()",
    "raises in atexit": "import atexit\n@atexit.register\ndef f(): raise ValueError('at exit')",
    "exits in atexit": "import atexit, sys\natexit.register(sys.exit, 3)",
    "has its own hook": "import sys\nsys.excepthook = lambda *a: print('hook', a[0].__name__)\n1/0",
    "has a hook that raises": "import sys\ndef h(*a): 1/0\nsys.excepthook = h\nx",
    "is no Python": "this is not python\n",
    "is badly indented": "if 1:\n    a\n  b\n",
    "has an unknown encoding": "# coding: klingon\nprint(1)\n",
    "is not UTF-8": b"print('caf\xe9')\n",
    "warns": "import warnings; warnings.warn('careful'); warnings.warn('old', DeprecationWarning)",
    "fails an assertion": "assert 1 == 2, 'math'",
    "fails in a comprehension": "print([1 / n for n in (2, 1, 0)])",
    "recurses without end": "def f(): f()\nf()",
    "runs out of memory": "x = bytearray(1 << 60)",
    "prints to a closed stream": "import sys; sys.stdout.close()",
    "closes everything": "import os\nfor fd in range(3, 256):\n"
    "    try: os.close(fd)\n    except OSError: pass\nprint('closed')",
    "closes the range": "import os; os.closerange(3, 65536); print([bytes(9) for _ in range(3)])",
    "aborts": "import os; os.abort()",
    "kills itself": "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
    "terminates itself": "import os, signal; os.kill(os.getpid(), signal.SIGTERM)",
    "interrupts itself": "import os, signal; os.kill(os.getpid(), signal.SIGINT)",
    "ends by an alarm": "import signal as s, time; s.setitimer(s.ITIMER_REAL, .01); time.sleep(9)",
    "ends by a broken pipe": "import os, signal\nsignal.signal(signal.SIGPIPE, signal.SIG_DFL)\n"
    "r, w = os.pipe(); os.close(r); os.write(w, b'x')",
    "has a quiet interrupt": "import signal, os\nsignal.signal(signal.SIGINT, signal.SIG_DFL)\n"
    "os.kill(os.getpid(), signal.SIGINT)",
    "replaces itself": "import os, sys\n"
    "os.execv(sys.executable, ['py', '-c', 'print(1); exit(8)'])",
    "replaces itself in vain": "import os; os.execv('/no/such/file', ['x'])",
    "ends in a thread": "import os, threading, time\n"
    "threading.Thread(target=os._exit, args=(6,)).start(); time.sleep(9)",
    "deletes its modules": "import sys; sys.modules.clear(); print('clear')",
    "breaks builtins": "import builtins; print('bye'); builtins.print = None; del builtins.len",
    "changes its directory": "import os; os.chdir('/'); print(os.getcwd())",
    "renames itself": "import os, sys; os.remove(sys.argv[0]); 1 / 0",
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_script(bench: Bench, ending: str) -> None:
    for number, run in enumerate((bench.native, bench.recorded)):
        bench.write("script.py", ENDINGS[ending])
        ran = run("script.py")
        if number == 0:
            native = ran
    assert_same(ran, native)


CODES = [
    name for name, source in ENDINGS.items() if isinstance(source, str) and "argv" not in source
]


@pytest.mark.slow
@pytest.mark.parametrize("ending", CODES)
def test_code(bench: Bench, ending: str) -> None:
    bench.same("-c", ENDINGS[ending])


@pytest.mark.slow
@pytest.mark.parametrize("ending", CODES)
def test_a_module(bench: Bench, ending: str) -> None:
    bench.write("module.py", ENDINGS[ending])
    bench.same("-m", "module")


def test_a_chain_of_exceptions(bench: Bench, program: Callable[[str], str]) -> None:
    assert b"with a note" in bench.same(program("uncaught.py")).stderr


def test_what_runs_at_exit(bench: Bench, program: Callable[[str], str]) -> None:
    assert bench.same(program("exit_order.py")).stdout.startswith(b"end of the program")


def addresses_left_out(ran: Ran) -> tuple[int, bytes, list[bytes]]:
    text = without_addresses(ran.stderr)
    kept = [
        line for line in text.splitlines() if line.startswith((b"  File", b"Fatal", b"Current"))
    ]
    return ran.status, ran.stdout, kept


@pytest.mark.parametrize("crash", ["_sigsegv()", "_sigabrt()", "_fatal_error_c_thread()"])
def test_a_crash_with_faulthandler(bench: Bench, crash: str) -> None:
    source = (
        f"import faulthandler\nfaulthandler.enable()\ndef f():\n    faulthandler.{crash}\nf()\n"
    )
    bench.write("script.py", "x = [bytes(n) for n in range(999)]\n" + source)
    how = {"shell": 'ulimit -c 0; exec "$@"'}
    native = addresses_left_out(bench.native("script.py", **how))
    assert addresses_left_out(bench.recorded("script.py", **how)) == native
    assert native[0] < 0
    assert any(b"in f" in line for line in native[2])
    totals = bench.json("summary")["totals"]
    assert totals["allocations"] >= 999


def test_a_dump_of_all_threads(bench: Bench) -> None:
    code = "import faulthandler, sys; faulthandler.dump_traceback(sys.stdout, all_threads=True)"
    dumps = [without_addresses(run("-c", code).stdout) for run in (bench.native, bench.recorded)]
    assert dumps[0] == dumps[1]


def when_ready(
    send: Callable[[subprocess.Popen[bytes]], None],
) -> Callable[[subprocess.Popen[bytes]], None]:
    def act(process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        time.sleep(0.05)
        send(process)

    return act


WAITING = {
    "default": "import time\nprint('ready', flush=True)\ntime.sleep(30)",
    "handled": "import signal, sys, time\nsignal.signal(signal.{0}, lambda n, f: sys.exit(n + 1))\n"
    "print('ready', flush=True)\ntime.sleep(30)",
    "ignored": "import signal, time\nsignal.signal(signal.{0}, signal.SIG_IGN)\n"
    "print('ready', flush=True)\ntime.sleep(0.3)\nprint('went on')",
}


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT", "SIGHUP", "SIGUSR1", "SIGQUIT"])
@pytest.mark.parametrize("way", WAITING)
def test_a_signal_from_outside(bench: Bench, way: str, name: str) -> None:
    def send(process: subprocess.Popen[bytes]) -> None:
        process.send_signal(getattr(signal, name))

    bench.write("script.py", "x = [bytes(n) for n in range(999)]\n" + WAITING[way].format(name))
    ran = bench.same("script.py", act=when_ready(send), shell='ulimit -c 0; exec "$@"')
    assert ran.status != 0 or way == "ignored"
    summary = bench.json("summary")
    assert summary["totals"]["allocations"] >= 999
    assert summary["capture"]["dropped_events"] == 0


def test_a_program_that_is_killed_leaves_a_whole_capture(bench: Bench) -> None:
    source = "import os, signal\nkept = [bytearray(1000) for _ in range(5000)]\n"
    bench.write("script.py", source + "os.kill(os.getpid(), signal.SIGKILL)\n")
    assert bench.same("script.py").status == -signal.SIGKILL
    rows = bench.json("hotspots", "--group", "line", "--by", "live_bytes", "-n", "0")["rows"]
    line = next(row for row in rows if row["file"].endswith("script.py") and row["line"] == 2)
    # a bytearray is two blocks: the object and its buffer of one byte more
    assert line["live_blocks"] >= 10_000
    assert bench.json("summary")["capture"]["complete"]
