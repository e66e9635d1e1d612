"""The pool: what it keeps, what it lets go, what it counts, alone and among threads."""

from __future__ import annotations

import gc
import subprocess
import sys
import threading
import weakref
from pathlib import Path

import pytest

import memscope
from memscope.pool import Pool, PoolStatistics, pools


class Thing:
    """Something that can be told apart, and watched."""


def test_the_last_one_given_back_comes_first() -> None:
    pool = Pool(Thing)
    first, second = pool.get(), pool.get()
    assert first is not second
    pool.put(first)
    pool.put(second)
    assert [pool.get(), pool.get()] == [second, first]
    assert pool.statistics() == PoolStatistics(hits=2, misses=2, puts=2, drops=0, idle=0)


def test_no_more_are_kept_than_allowed() -> None:
    pool = Pool(Thing, max_idle=2)
    for item in [pool.get() for _ in range(5)]:
        pool.put(item)
    assert pool.statistics() == PoolStatistics(hits=0, misses=5, puts=5, drops=3, idle=2)


def test_what_was_not_made_by_the_pool_may_be_put_into_it() -> None:
    pool = Pool(Thing)
    mine = Thing()
    pool.put(mine)
    assert pool.get() is mine


def test_reset_comes_before_anybody_can_get_it() -> None:
    pool: Pool[list[int]] = Pool(list, reset=list.clear)
    item = pool.get()
    item.append(1)
    pool.put(item)
    assert item == []
    assert pool.get() is item


def test_a_reset_that_fails_keeps_nothing() -> None:
    def refuse(item: Thing) -> None:
        raise RuntimeError("dirty")

    pool = Pool(Thing, reset=refuse)
    with pytest.raises(RuntimeError, match="dirty"):
        pool.put(Thing())
    assert pool.statistics().idle == 0


def test_a_factory_that_fails_is_its_callers_business() -> None:
    pool: Pool[float] = Pool(lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        pool.get()
    assert pool.statistics().misses == 1


def test_borrowing() -> None:
    pool = Pool(Thing)
    with pool.borrow() as item:
        assert pool.statistics().idle == 0
        with pool.borrow() as other:
            assert other is not item
    assert pool.statistics() == PoolStatistics(hits=0, misses=2, puts=2, drops=0, idle=2)
    with pool.borrow() as again:
        assert again is item


def test_what_failed_its_borrower_is_let_go() -> None:
    pool = Pool(Thing)
    with pytest.raises(ValueError, match="half done"), pool.borrow():
        raise ValueError("half done")
    assert pool.statistics() == PoolStatistics(hits=0, misses=1, puts=0, drops=1, idle=0)


def test_clearing_lets_idle_objects_go_and_no_others() -> None:
    pool = Pool(Thing)
    used, idle = pool.get(), weakref.ref(item := pool.get())
    pool.put(item)
    del item
    pool.clear()
    assert idle() is None
    pool.put(used)
    assert pool.get() is used
    assert pool.statistics() == PoolStatistics(hits=1, misses=2, puts=2, drops=1, idle=0)


def test_what_is_idle_for_a_whole_collection_is_let_go() -> None:
    pool = Pool(Thing, age_out=True)
    pool.put(Thing())
    gc.collect()
    assert pool.statistics().idle == 1, "it may have been given back just before"
    kept = pool.get()
    pool.put(kept)
    gc.collect()
    assert pool.get() is kept, "it was in use meanwhile"
    pool.put(kept)
    gone = weakref.ref(kept)
    del kept
    gc.collect(1)
    assert gone() is not None, "young collections do not count"
    gc.collect()
    gc.collect()
    assert gone() is None
    assert pool.statistics() == PoolStatistics(hits=2, misses=0, puts=3, drops=1, idle=0)


def test_without_age_out_collections_change_nothing() -> None:
    pool = Pool(Thing)
    pool.put(Thing())
    gc.collect()
    gc.collect()
    assert pool.statistics().idle == 1


def test_a_pool_leaves_nothing_behind() -> None:
    before = len(gc.callbacks)
    pool = Pool(Thing, age_out=True)
    assert pool in pools()
    assert len(gc.callbacks) == before + 1
    gone = weakref.ref(pool)
    del pool
    assert gone() is None
    assert len(gc.callbacks) == before
    untidy = Pool(Thing, age_out=True)
    gc.callbacks.pop()
    del untidy
    assert len(gc.callbacks) == before


def test_at_least_one_must_be_kept() -> None:
    with pytest.raises(ValueError, match="max_idle"):
        Pool(Thing, max_idle=0)


def test_threads_never_share_an_object_and_every_step_is_counted() -> None:
    threads_count, rounds = 6, 3000
    pool: Pool[list[int]] = Pool(list, max_idle=3)
    shared: list[object] = []

    def work(number: int) -> None:
        for _ in range(rounds):
            item = pool.get()
            item.append(number)
            if item != [number]:
                shared.append(item)
            item.clear()
            pool.put(item)
            if number == 0:
                pool._age()

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        threads = [threading.Thread(target=work, args=(n,)) for n in range(threads_count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
    assert not shared
    found = pool.statistics()
    assert found.hits + found.misses == found.puts == threads_count * rounds
    assert found.misses == found.drops + found.idle, "all that were made are somewhere"


def test_a_recording_shows_what_a_pool_had_to_make(tmp_path: Path) -> None:
    pytest.importorskip("memscope._recorder", reason="the extension is not built")
    pool = Pool(lambda: bytearray(100_000))
    with memscope.record(tmp_path / "pool.mscope"):
        for _ in range(10):
            pool.put(pool.get())
    with memscope.load(tmp_path / "pool.mscope") as capture:
        rows = zip(capture.tables.rows.stack, capture.totals.allocated_bytes, strict=True)
        (stack,) = (capture.tables.stack(node) for node, size in rows if size > 100_000)
    functions = [(Path(frame.file).name, frame.function) for frame in stack]
    assert ("pool.py", "Pool.get") in functions
    assert functions[-1][1].endswith("<lambda>")


def test_it_needs_neither_the_extension_nor_anything_heavy() -> None:
    script = (
        "import sys; sys.modules['memscope._recorder'] = None; from memscope import Pool\n"
        "Pool(list).put([])\n"
        "heavy = {'rich', 'click', 'dataclasses', 'inspect', 'memscope.capture'}\n"
        "print(*sorted(heavy & set(sys.modules)))"
    )
    root = Path(memscope.__file__).parents[1]
    done = subprocess.run(
        [sys.executable, "-S", "-c", script], cwd=root, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == ""
