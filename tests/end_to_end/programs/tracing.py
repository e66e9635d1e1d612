"""A program that sets trace and profile functions itself, and moves the line of its caller."""

import sys
import threading

events = {"call": 0, "return": 0, "line": 0, "c_call": 0, "c_return": 0, "exception": 0}


def observe(frame, event, argument):
    events[event] = events.get(event, 0) + 1
    return observe


def work(n):
    total = 0
    for i in range(n):
        total += len([i] * (i % 5))
    try:
        {}["missing"]
    except KeyError:
        pass
    return total


def jump(frame, event, argument):
    if event == "line" and frame.f_lineno == marker + 1:
        frame.f_lineno = marker + 2
    return jump


def jumper():
    global marker
    marker = sys._getframe().f_lineno + 1
    value = [1]
    value = [2]
    return value


sys.setprofile(observe)
work(100)
sys.setprofile(None)
print(dict(sorted(events.items())))
sys.settrace(observe)
work(100)
sys.settrace(None)
print(dict(sorted(events.items())))
jumper()
sys.settrace(jump)
print(jumper())
sys.settrace(None)
threading.setprofile(observe)
thread = threading.Thread(target=work, args=(50,))
thread.start()
thread.join()
threading.setprofile(None)
print(events["c_call"] > 0)
if hasattr(sys, "monitoring"):
    seen = set()
    tool = sys.monitoring.PROFILER_ID
    sys.monitoring.use_tool_id(tool, "counter")
    sys.monitoring.register_callback(
        tool, sys.monitoring.events.PY_START, lambda code, offset: seen.add(code.co_name)
    )
    sys.monitoring.set_events(tool, sys.monitoring.events.PY_START)
    work(10)
    sys.monitoring.set_events(tool, 0)
    print(sorted(seen))
