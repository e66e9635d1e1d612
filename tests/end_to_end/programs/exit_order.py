"""What runs at exit, and in which order."""

import atexit
import sys
import threading
import weakref


class Loud:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        sys.stdout.write(f"deleted {self.name}\n")


def say(text):
    print(text, len([bytearray(1000) for _ in range(50)]))


atexit.register(say, "registered first")
atexit.register(say, "registered second")
threading._register_atexit(say, "threading")
kept = Loud("kept by the module")
finalized = Loud("watched")
weakref.finalize(finalized, say, "finalizer")
sys.modules["kept_by_sys"] = Loud("kept by sys.modules")
print("end of the program")
