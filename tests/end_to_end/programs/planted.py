"""What people leak, each with objects of a class of its own: the way that keeps them is told beside it."""

import asyncio
import atexit
import codecs
import collections
import contextvars
import ctypes
import functools
import gc
import logging
import signal
import sqlite3
import sys
import threading
import weakref


def leaked(name):
    """An object of a class of this name."""
    return type(name, (), {"__slots__": ("payload", "__weakref__")})()


class Service:
    registered = []  # of the class

    def __init__(self):
        self.listeners = []
        self._cache = {}

    @functools.lru_cache(maxsize=None)
    def cached(self, n):
        return leaked("InMethodCache")

    def subscribe(self, listener):
        self.listeners.append(listener)


service = Service()
service._cache["secret"] = [leaked("InAttributeCache")]
Service.registered.append(leaked("InClassAttribute"))
service.cached(1)

registry = {}
registry[("key", 1)] = {"value": leaked("InRegistry")}


class Listener:
    def __init__(self):
        self.heavy = leaked("InListener")

    def on_event(self):
        pass


service.subscribe(Listener().on_event)


def make_callback():
    captured = [leaked("InClosure")]
    return lambda: captured


callbacks = [make_callback()]


def with_default(value, seen=[]):
    seen.append(value)


with_default(leaked("InDefault"))


def with_keyword(value, *, seen={}):
    seen[1] = value


with_keyword(leaked("InKeywordDefault"))


def fails():
    local = leaked("InTraceback")
    raise ValueError(str(local))


errors = []
try:
    fails()
except ValueError as error:
    errors.append(error)

local = threading.local()
local.value = leaked("InThreadLocal")

by_object = weakref.WeakKeyDictionary()
anchor = leaked("Anchor")
by_object[anchor] = leaked("InWeakDictionary")

buffering = logging.Handler()
buffering.records = [leaked("InHandler")]
logging.getLogger("planted").addHandler(buffering)


@functools.lru_cache(maxsize=None)
def lookup(n):
    return leaked("InFunctionCache")


lookup(1)


def producer():
    held = leaked("InGenerator")
    yield held
    yield None


pending = producer()
next(pending)


async def never_awaited(argument):
    return argument


coroutine = never_awaited(leaked("InCoroutine"))

loop = asyncio.new_event_loop()


async def waits(argument):
    await loop.create_future()
    return argument


task = loop.create_task(waits(leaked("InTask")))
loop.call_soon(loop.stop)
loop.run_forever()


class Cyclic:
    def __init__(self):
        self.me = self
        self.heavy = leaked("InCycle")

    def __del__(self):
        pass


gc.collect()
gc.disable()
Cyclic()

context = contextvars.ContextVar("context")
context.set(leaked("InContext"))

history = collections.deque([1, leaked("InDeque")])
grouped = collections.defaultdict(list)
grouped["a"].append(leaked("InDefaultDict"))
ordered = collections.OrderedDict()
ordered["b"] = leaked("InOrderedDict")
members = {leaked("InSet")}
bound = functools.partial(print, leaked("InPartial"))
nested = [[(0, {"k": leaked("InNested")})]]


class Slotted:
    __slots__ = ("kept",)


slotted = Slotted()
slotted.kept = leaked("InSlot")


sys.modules["made_up"] = type(sys)("made_up")
sys.modules["made_up"].kept = leaked("InModuleMadeUp")


class Meta(type):
    instances = []


class OfMeta(metaclass=Meta):
    pass


Meta.instances.append(leaked("InMetaclass"))
OfMeta.later = leaked("InClassAddedLater")
with_default.cache = {"x": leaked("InFunctionAttribute")}


class Node:
    def __init__(self, parent):
        self.parent = parent
        self.child = None
        self.data = None


asked = Node(None)
asked.data = leaked("InAskedForDict")
vars(asked)  # from now on the dictionary has the attributes, wherever they stand

top = Node(None)
top.child = Node(top)
top.child.data = leaked("InTree")


def runs_in_thread():
    on_the_stack = leaked("InRunningThread")
    started.set()
    threading.Event().wait()
    return on_the_stack


started = threading.Event()
threading.Thread(target=runs_in_thread, daemon=True).start()
started.wait()


def keeps(kept):
    def call(*_):
        return kept and None

    return call


database = sqlite3.connect(":memory:")
database.create_function("planted", 1, keeps(leaked("InExtension")))
signal.signal(signal.SIGUSR2, keeps(leaked("InSignalHandler")))
codecs.register(keeps(leaked("InCodecs")))
atexit.register(keeps(leaked("InExitFunction")))
ctypes.pythonapi.Py_IncRef(ctypes.py_object(leaked("InNothingButC")))
