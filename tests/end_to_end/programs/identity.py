"""Everything that a program can ask about itself and its surroundings, one answer a line."""

import gc
import io
import os
import resource
import signal
import sys
import threading
import traceback
import types
import warnings

main = sys.modules["__main__"]


def describe(value):
    if isinstance(value, types.ModuleType):
        return f"module {value.__name__}"
    if value is None or isinstance(value, str | int | dict):
        return repr(value)
    return type(value).__qualname__


def dispositions():
    names = {signal.SIG_DFL: "default", signal.SIG_IGN: "ignored", None: "unknown"}
    return {
        int(number): names.get(signal.getsignal(number), "python")
        for number in signal.valid_signals()
    }


def call_depth():
    text = io.StringIO()
    traceback.print_stack(file=text)
    return text.getvalue()


ANSWERS = {
    "argv": lambda: sys.argv,
    "orig_argv": lambda: [a for a in sys.orig_argv[1:] if "memscope" not in a],
    "path": lambda: sys.path,
    "flags": lambda: sys.flags,
    "xoptions": lambda: sys._xoptions,
    "warnoptions": lambda: sys.warnoptions,
    "filters": lambda: [str(f) for f in warnings.filters],
    "executable": lambda: (sys.executable, sys.prefix, sys.base_prefix, sys.exec_prefix),
    "main": lambda: {k: describe(v) for k, v in sorted(vars(main).items()) if k.startswith("__")},
    "loader": lambda: [getattr(main.__loader__, a, None) for a in ("name", "path")],
    "spec": lambda: main.__spec__ and (main.__spec__.name, main.__spec__.origin),
    "modules": lambda: sorted(name for name in sys.modules if not name.startswith("memscope")),
    "path hooks": lambda: (len(sys.path_hooks), [describe(f) for f in sys.meta_path]),
    "environment": lambda: sorted(os.environ.items()),
    "directory": os.getcwd,
    "descriptors": lambda: sorted(int(fd) for fd in os.listdir("/proc/self/fd")),
    "streams": lambda: [
        s and (s.name, s.mode, s.encoding, s.errors, s.line_buffering, s.write_through, s.isatty())
        for s in (sys.stdin, sys.stdout, sys.stderr)
    ],
    "blocked signals": lambda: sorted(signal.pthread_sigmask(signal.SIG_BLOCK, [])),
    "handlers": dispositions,
    "umask": lambda: [os.umask(old := os.umask(0)), old],
    "group of its parent": lambda: os.getpgrp() == os.getpgid(os.getppid()),
    "priority": lambda: (os.getpriority(os.PRIO_PROCESS, 0), os.sched_getscheduler(0)),
    "limits": lambda: (
        [resource.getrlimit(n) for n in range(resource.RLIM_NLIMITS)]
        if hasattr(resource, "RLIM_NLIMITS")
        else [resource.getrlimit(getattr(resource, n)) for n in dir(resource) if n[:7] == "RLIMIT_"]
    ),
    "threads": lambda: (
        [t.name for t in threading.enumerate()],
        len(os.listdir("/proc/self/task")),
    ),
    "hooks": lambda: [
        sys.gettrace(),
        sys.getprofile(),
        sys.excepthook is sys.__excepthook__,
        sys.displayhook is sys.__displayhook__,
        sys.unraisablehook is sys.__unraisablehook__,
        threading.excepthook is threading.__excepthook__,
        sys.breakpointhook is sys.__breakpointhook__,
    ],
    "collector": lambda: (gc.isenabled(), gc.get_threshold(), gc.get_freeze_count(), gc.callbacks),
    "recursion limit": sys.getrecursionlimit,
    "switch interval": sys.getswitchinterval,
    "stack": call_depth,
    "exception": sys.exception,
}

for question in sys.argv[-1].split(",") if sys.argv[-1] in ANSWERS else ANSWERS:
    print(f"{question}: {ANSWERS[question]()}")
