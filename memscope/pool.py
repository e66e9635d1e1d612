"""A small pool of objects that are dear to make: Go's sync.Pool, fitted to CPython.

Whether a pool pays is measured in docs/pool.md: for large buffers and for objects with dear
constructors it does, for small objects it practically never does.

A recording shows a pool by its frames: what `Pool.get` and `Pool.borrow` had to make has one of
them on its stack, in this file, above the frames of the factory. What was reused makes no
allocation and is in no recording; `statistics()` knows of it, and `pools()` names all pools there
are.
"""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

if TYPE_CHECKING:
    from types import TracebackType

T = TypeVar("T")


class PoolStatistics(NamedTuple):
    """What a pool has done so far.

    `hits` and `misses`: gets that were served from the pool, and those for which the factory was
    called. `puts`: objects given back. `drops`: objects let go, because the pool was full, because
    their borrower failed, by `clear()`, or by age. `idle`: objects in the pool now.
    """

    hits: int
    misses: int
    puts: int
    drops: int
    idle: int


class Pool(Generic[T]):
    """Objects for reuse: `get()` takes an idle one or has one made, `put()` gives it back.

    At most `max_idle` objects are kept (threads that give back at the same moment may exceed it by
    one each). `reset` is called with each object that is given back, before anybody can get it
    again. With `age_out`, objects that were idle from one full run of the cyclic collector to the
    next are let go, as Go does; since CPython tells nobody that memory is short, and collects by
    the number of objects and not by their size, that may take long: `clear()` is at once.

    Safe to use from several threads, without a lock. An object must be given back once at most, and
    not be used afterwards.
    """

    __slots__ = (
        "__weakref__",
        "_aged",
        "_factory",
        "_failed",
        "_hits",
        "_idle",
        "_max_idle",
        "_misses",
        "_rejected",
        "_reset",
        "_victims",
    )

    def __init__(
        self,
        factory: Callable[[], T],
        *,
        reset: Callable[[T], object] | None = None,
        max_idle: int = 16,
        age_out: bool = False,
    ) -> None:
        if max_idle < 1:
            raise ValueError("max_idle must be at least 1")
        self._factory = factory
        self._reset = reset
        self._max_idle = max_idle
        # The lists stay the same objects for good: their append and pop are atomic, and nothing
        # else is ever done to them.
        self._idle: list[T] = []
        self._victims: list[T] = []
        self._hits = self._misses = self._rejected = self._failed = self._aged = 0
        _POOLS.add(self)
        if age_out:
            _age_at_full_collections(self)

    def get(self) -> T:
        """An idle object, the one given back last, or a new one."""
        try:
            item = self._idle.pop()
        except IndexError:
            return self._make()
        # No thread switch can come within such a statement: CPython looks for one at calls and
        # backward jumps only. So counts are exact without a lock.
        self._hits += 1
        return item

    def put(self, item: T) -> None:
        """Gives an object back; nobody else may be using it."""
        if self._reset is not None:
            self._reset(item)
        if len(self._idle) < self._max_idle:
            self._idle.append(item)
        else:
            self._rejected += 1

    def borrow(self) -> Borrowed[T]:
        """`with pool.borrow() as item:` gets it and gives it back.

        Where the block ends by an exception the object may be in any state: it is let go.
        """
        return Borrowed(self)

    def clear(self) -> None:
        """Lets all idle objects go; those that are in use may still be given back."""
        gone = _drain(self._idle, None) + _drain(self._victims, None)
        self._aged += gone

    def statistics(self) -> PoolStatistics:
        """Exact where no other thread is using the pool meanwhile."""
        idle = len(self._idle) + len(self._victims)
        # Each object given back was refused, taken again, let go later, or is still there.
        puts = self._rejected + self._hits + self._aged + idle
        drops = self._rejected + self._failed + self._aged
        return PoolStatistics(self._hits, self._misses, puts, drops, idle)

    def __repr__(self) -> str:
        return f"<Pool of {self._factory!r}: {self.statistics()}>"

    def _make(self) -> T:
        try:
            item = self._victims.pop()
        except IndexError:
            self._misses += 1
            return self._factory()
        self._hits += 1
        return item

    def _age(self) -> None:
        gone = _drain(self._victims, None)
        self._aged += gone
        _drain(self._idle, self._victims)


class Borrowed(Generic[T]):
    """What `Pool.borrow()` gives: a context manager, for one use."""

    __slots__ = ("_item", "_pool")

    def __init__(self, pool: Pool[T]) -> None:
        self._pool = pool

    def __enter__(self) -> T:
        item = self._item = self._pool.get()
        return item

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        item = self._item
        del self._item
        if kind is None:
            self._pool.put(item)
        else:
            self._pool._failed += 1


def pools() -> list[Pool[Any]]:
    """All pools of this process that are still in use."""
    return list(_POOLS)


_POOLS: weakref.WeakSet[Pool[Any]] = weakref.WeakSet()


def _drain(source: list[T], target: list[T] | None) -> int:
    """Moves objects one by one, which is all that is atomic; how many they were."""
    count = 0
    while True:
        try:
            item = source.pop()
        except IndexError:
            return count
        if target is not None:
            target.append(item)
        count += 1


def _age_at_full_collections(pool: Pool[T]) -> None:
    reference = weakref.ref(pool)

    def collected(phase: str, info: dict[str, int]) -> None:
        pool = reference()
        if pool is not None and phase == "stop" and info["generation"] == 2:
            pool._age()

    gc.callbacks.append(collected)
    weakref.finalize(pool, _forget, collected).atexit = False


def _forget(callback: Callable[[str, dict[str, int]], None]) -> None:
    with suppress(ValueError):  # the program has taken it out itself
        gc.callbacks.remove(callback)
