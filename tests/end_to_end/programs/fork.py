"""os.fork: children that exit, exec, are killed, start threads, and fork again; beside threads."""

import os
import signal
import sys
import threading
import warnings

# Newer Pythons warn of threads, and name the pid.
warnings.simplefilter("ignore", DeprecationWarning)


def child(action):
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        action()
        os._exit(0)
    _, status = os.waitpid(pid, 0)
    print(action.__name__, os.waitstatus_to_exitcode(status), flush=True)


def allocate():
    kept = [bytearray(n) for n in range(3000)]
    del kept[::2]


def grandchild():
    pid = os.fork()
    if pid == 0:
        allocate()
        os._exit(3)
    _, status = os.waitpid(pid, 0)
    os._exit(os.waitstatus_to_exitcode(status) + 1)


def leave_by_exit():
    sys.exit(5)


def execute():
    os.execv(sys.executable, [sys.executable, "-c", "import sys; sys.exit(6)"])


def die():
    os.kill(os.getpid(), signal.SIGKILL)


def thread_in_child():
    thread = threading.Thread(target=allocate)
    thread.start()
    thread.join()


for action in (allocate, grandchild, execute, die, thread_in_child):
    child(action)

stop = threading.Event()
noise = threading.Thread(target=lambda: [allocate() for _ in iter(stop.is_set, True)])
noise.start()
for _ in range(20):
    child(allocate)
stop.set()
noise.join()

pid = os.fork()
if pid == 0:
    leave_by_exit()
print("exit", os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
allocate()
print("parent is well")
