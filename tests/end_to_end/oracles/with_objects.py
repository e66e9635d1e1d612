"""with_objects.py CAPTURE PROGRAM [ARGUMENT…]: runs a program and records it with its objects.

The program's `after()`, if there is one, runs when the recording is over: what it makes is in no
capture, and all that was kept is still there.
"""

from __future__ import annotations

import sys

import memscope

capture, program, *arguments = sys.argv[1:]
sys.argv = [program, *arguments]
with open(program) as file:
    code = compile(file.read(), program, "exec")
names = {"__name__": "__main__", "__file__": program}
with memscope.record(capture, objects=True):
    exec(code, names)
if "after" in names:
    names["after"]()
