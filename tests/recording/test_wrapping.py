"""What `@memscope.record()` makes of functions of every kind, held against the functions alone."""

from __future__ import annotations

import asyncio
import functools
import gc
import inspect
import pickle
import sys
import traceback
import types
import weakref
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from counted_rows import BLOCKS, recorded_rows, rows

import memscope


@pytest.fixture(autouse=True)
def in_a_directory_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def in_vain(*_: object, **__: object) -> None:
    """A function of plain Python for `decorate` to be called with."""


# ---- what is recorded --------------------------------------------------------------------------


def of_a_function(record: memscope.Recording) -> None:
    @record
    def run() -> int:
        return len(rows())

    assert run() == BLOCKS


def of_a_method(record: memscope.Recording) -> None:
    class Loader:
        @record
        def run(self, times: int) -> int:
            return len(rows()) * times

    assert Loader().run(times=3) == 3 * BLOCKS


def of_a_static_method(record: memscope.Recording) -> None:
    class Loader:
        @record
        @staticmethod
        def run() -> int:
            return len(rows())

    assert Loader.run() == Loader().run() // 1 == BLOCKS


def of_a_function_below_staticmethod(record: memscope.Recording) -> None:
    class Loader:
        @staticmethod
        @record
        def run() -> int:
            return len(rows())

    assert Loader().run() == BLOCKS


def of_a_class_method(record: memscope.Recording) -> None:
    class Loader:
        @record
        @classmethod
        def run(cls) -> tuple[type, int]:
            return cls, len(rows())

    assert Loader().run() == (Loader, BLOCKS)


def of_a_function_below_classmethod(record: memscope.Recording) -> None:
    class Loader:
        @classmethod
        @record
        def run(cls) -> tuple[type, int]:
            return cls, len(rows())

    assert Loader.run() == (Loader, BLOCKS)


def of_a_property_s_function(record: memscope.Recording) -> None:
    class Loader:
        @property
        @record
        def size(self) -> int:
            return len(rows())

    assert Loader().size == BLOCKS


def of_a_bound_method(record: memscope.Recording) -> None:
    class Loader:
        def run(self) -> object:
            rows()
            return self

    loader = Loader()

    class Other:
        run = record(loader.run)

    assert Other().run() is loader


def of_a_partial(record: memscope.Recording) -> None:
    def run(times: int, *, plus: int) -> int:
        return len(rows()) * times + plus

    assert record(functools.partial(run, plus=7))(2) == 2 * BLOCKS + 7


def of_a_callable_object(record: memscope.Recording) -> None:
    class Loader:
        runs = 0

        def __call__(self) -> int:
            self.runs += 1
            return len(rows())

    loader = Loader()
    recorded = record(loader)
    assert recorded() == BLOCKS
    assert recorded.runs == loader.runs == 1


def of_a_builtin(record: memscope.Recording) -> None:
    assert record(sorted)([2], key=lambda _: len(rows())) == [2]


def of_a_cached_function(record: memscope.Recording) -> None:
    @record
    @functools.lru_cache
    def run() -> int:
        return len(rows())

    assert run() == BLOCKS
    assert run.cache_info().currsize == 1


def of_a_cached_method(record: memscope.Recording) -> None:
    class Loader:
        @record
        @functools.lru_cache  # noqa: B019
        def run(self) -> object:
            rows()
            return self

    loader = Loader()
    assert loader.run() is loader


def of_a_single_dispatch(record: memscope.Recording) -> None:
    @record
    @functools.singledispatch
    def run(of: object) -> int:
        return 0

    @run.register
    def _(of: int) -> int:
        return len(rows()) * of

    assert run(2) == 2 * BLOCKS


def of_a_coroutine(record: memscope.Recording) -> None:
    @record
    async def run() -> int:
        await asyncio.sleep(0)
        return len(rows())

    assert asyncio.run(run()) == BLOCKS


def of_a_coroutine_in_a_partial(record: memscope.Recording) -> None:
    async def run(times: int) -> int:
        await asyncio.sleep(0)
        return len(rows()) * times

    recorded = record(functools.partial(run, 2))
    assert inspect.iscoroutinefunction(recorded)
    assert asyncio.run(recorded()) == 2 * BLOCKS


def of_an_object_whose_call_is_a_coroutine(record: memscope.Recording) -> None:
    class Loader:
        async def __call__(self) -> int:
            await asyncio.sleep(0)
            return len(rows())

    assert asyncio.run(record(Loader())()) == BLOCKS


def of_a_generator_that_is_awaited(record: memscope.Recording) -> None:
    @record
    @types.coroutine
    def run() -> Generator[None, None, int]:
        yield
        return len(rows())

    async def main() -> int:
        return await run()

    assert asyncio.run(main()) == BLOCKS


def of_a_generator(record: memscope.Recording) -> None:
    @record
    def run() -> Iterator[int]:
        yield 1
        yield len(rows())

    assert list(run()) == [1, BLOCKS]


def of_an_asynchronous_generator(record: memscope.Recording) -> None:
    @record
    async def run() -> AsyncGenerator[int, None]:
        yield 1
        await asyncio.sleep(0)
        yield len(rows())

    async def main() -> list[int]:
        return [item async for item in run()]

    assert asyncio.run(main()) == [1, BLOCKS]


@pytest.mark.parametrize(
    "use", [value for name, value in dict(globals()).items() if name.startswith("of_a")]
)
def test_the_body_is_recorded(
    use: Callable[[memscope.Recording], None], capsys: pytest.CaptureFixture[str]
) -> None:
    recording = memscope.record("load.mscope", force=True)
    use(recording)
    assert recorded_rows(recording.capture) == BLOCKS
    assert recording.problem is None
    assert capsys.readouterr().err == ""


# ---- what it refuses ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "target",
    [
        int,
        type("Loader", (), {}),
        property(in_vain),
        functools.cached_property(in_vain),
        functools.singledispatchmethod(in_vain),
        functools.partial(int, "7"),
        classmethod(int),
        None,
        "text",
        (i for i in "a generator, not its function"),
    ],
    ids=lambda target: type(target).__name__,
)
def test_what_cannot_be_recorded_is_refused_when_it_is_decorated(target: Any) -> None:
    with pytest.raises(memscope.MemscopeError) as refused:
        memscope.record()(target)
    assert "\n" not in str(refused.value)
    assert not list(Path.cwd().iterdir())


# ---- what it looks like ------------------------------------------------------------------------


def plain(one: int, /, two: str = "2", *rest: float, three: bool, **more: object) -> list[int]:
    """What it does."""
    return [one]


async def coroutine() -> None:
    pass


def generator() -> Iterator[int]:
    yield 1


async def asynchronous() -> AsyncGenerator[int, None]:
    yield 1


@pytest.mark.parametrize("function", [plain, coroutine, generator, asynchronous])
def test_it_looks_like_the_function(function: Any) -> None:
    recorded = memscope.record()(function)
    assert recorded.__wrapped__ is function
    assert inspect.isfunction(recorded)
    assert inspect.signature(recorded) == inspect.signature(function)
    for ask in (
        inspect.iscoroutinefunction,
        inspect.isgeneratorfunction,
        inspect.isasyncgenfunction,
        asyncio.iscoroutinefunction,
    ):
        assert ask(recorded) == ask(function), ask
    for name in ("__name__", "__qualname__", "__module__", "__doc__", "__annotations__"):
        assert getattr(recorded, name) == getattr(function, name)


pickled = memscope.record()(plain)
plain_function, plain = plain, pickled  # as a decorator would have left it


def test_it_can_be_pickled_by_name() -> None:
    assert pickle.loads(pickle.dumps(plain)) is plain


def test_a_traceback_is_one_frame_deeper() -> None:
    def fail() -> None:
        raise KeyError("its own")

    with pytest.raises(KeyError, match="its own") as alone:
        fail()
    with pytest.raises(KeyError, match="its own") as recorded:
        memscope.record()(fail)()
    depths = [len(traceback.extract_tb(caught.value.__traceback__)) for caught in (recorded, alone)]
    assert depths[0] == depths[1] + 1
    assert recorded.value.__context__ is None


def test_wrong_arguments_are_the_function_s_own_error() -> None:
    @memscope.record()
    def fail() -> None:
        pass

    with pytest.raises(TypeError, match=r"fail\(\) takes 0 positional arguments"):
        fail(1)  # type: ignore[call-arg]


# ---- generators do the same as alone -----------------------------------------------------------


class OwnError(Exception):
    pass


def talk() -> Generator[object, object, str]:
    """Says what comes in: values, exceptions, and the end."""
    heard: object = "begun"
    while heard != "end":
        try:
            heard = yield heard
        except OwnError as error:
            heard = f"caught {error.args} in {error.__context__!r}"
        except GeneratorExit:
            return "left by GeneratorExit"
    return "ended"


def stubborn() -> Generator[object, object, str]:
    while True:
        try:
            yield "still here"
        except GeneratorExit:
            yield "not yet"
            return "gone"


def failing() -> Generator[object, object, str]:
    with suppress(OwnError):
        yield 1
    raise KeyError("later")


def stopping() -> Generator[object, object, str]:
    yield 1
    raise StopIteration("a mistake")  # noqa: PLR1708


def by_send(generator: Any) -> list[object]:
    return [next(generator), generator.send("a"), generator.send(None), generator.send("end")]


def by_throw(generator: Any) -> list[object]:
    return [
        next(generator),
        generator.throw(OwnError("x")),
        generator.throw(OwnError),
        generator.send("end"),
    ]


def by_exit(generator: Any) -> list[object]:
    return [next(generator), generator.throw(GeneratorExit), next(generator)]


def by_close(generator: Any) -> list[object]:
    return [next(generator), generator.close(), generator.close(), next(generator)]


def by_early_close(generator: Any) -> list[object]:
    return [generator.close(), next(generator)]


def by_early_throw(generator: Any) -> list[object]:
    return [generator.throw(OwnError("early"))]


def by_early_value(generator: Any) -> list[object]:
    return [generator.send("early")]


def by_stop(generator: Any) -> list[object]:
    return [next(generator), generator.throw(StopIteration("thrown"))]


def by_delegation(generator: Any) -> list[object]:
    def outer() -> Generator[object, object, None]:
        result = yield from generator
        yield f"result {result}"

    return [item for item, _ in zip(outer(), range(4), strict=False)]


WAYS: list[Callable[[Any], list[object]]] = [
    *(by_send, by_throw, by_exit, by_close, by_early_close, by_early_throw, by_early_value),
    *(by_stop, by_delegation),
]


def outcome(way: Callable[[], object]) -> object:
    try:
        return way()
    except BaseException as error:
        chain = []
        link: BaseException | None = error
        while link is not None and len(chain) < 5:
            chain.append((type(link), str(link), getattr(link, "value", None)))
            link = link.__context__
        return chain


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("function", [talk, stubborn, failing, stopping])
def test_a_generator_does_the_same_as_alone(
    function: Callable[[], Any],
    way: Callable[[Any], list[object]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # pytest's own keeps the frames of an exception that nobody caught, and with them the generator.
    monkeypatch.setattr(sys, "unraisablehook", lambda unraisable: None)
    recording = memscope.record("talk.mscope", force=True)
    recorded = recording(function)
    assert outcome(lambda: way(recorded())) == outcome(lambda: way(function()))
    gc.collect()
    assert memscope.Recording.current is None


class Item:
    pass


@pytest.mark.parametrize("decorate", [lambda f: f, memscope.record()])
def test_a_suspended_generator_holds_nothing_that_passed_through(
    decorate: Callable[[Any], Any],
) -> None:
    @decorate
    def items() -> Generator[object, object, None]:
        yield Item()
        yield None
        with suppress(OwnError):
            yield None
        yield None

    running = items()
    gone = [weakref.ref(next(running))]
    sent, thrown = Item(), OwnError()
    running.send(sent)
    gone.append(weakref.ref(sent))
    running.send(None)
    running.throw(thrown)
    gone.append(weakref.ref(thrown))
    del sent, thrown
    assert [reference() for reference in gone] == [None, None, None]
    running.close()


@pytest.mark.parametrize("decorate", [lambda f: f, memscope.record()])
def test_a_generator_that_is_dropped_runs_its_own_cleanup(decorate: Callable[[Any], Any]) -> None:
    said = []

    @decorate
    def items() -> Iterator[int]:
        try:
            yield 1
            yield 2
        finally:
            said.append("cleaned up")

    running = items()
    next(running)
    del running
    assert said == ["cleaned up"]
    assert memscope.Recording.current is None


# ---- asynchronous ones, too --------------------------------------------------------------------


async def talk_async() -> AsyncGenerator[object, object]:
    heard: object = "begun"
    while heard != "end":
        try:
            await asyncio.sleep(0)
            heard = yield heard
        except OwnError as error:
            heard = f"caught {error.args} in {error.__context__!r}"
        except GeneratorExit:
            await asyncio.sleep(0)
            return


async def stubborn_async() -> AsyncGenerator[object, object]:
    while True:
        try:
            yield "still here"
        except GeneratorExit:
            yield "not yet"
            return


async def failing_async() -> AsyncGenerator[object, object]:
    try:
        yield 1
    except OwnError:
        await asyncio.sleep(0)
    raise KeyError("later")


async def by_asend(items: Any) -> list[object]:
    return [
        *(await anext(items), await items.asend("a")),
        *(await items.asend(None), await items.asend("end")),
    ]


async def by_athrow(items: Any) -> list[object]:
    return [await anext(items), await items.athrow(OwnError("x")), await items.asend("end")]


async def by_aexit(items: Any) -> list[object]:
    return [await anext(items), await items.athrow(GeneratorExit), await anext(items)]


async def by_aclose(items: Any) -> list[object]:
    return [await anext(items), await items.aclose(), await items.aclose(), await anext(items)]


async def by_early_aclose(items: Any) -> list[object]:
    return [await items.aclose(), await anext(items)]


async def by_leaving_it_to_the_loop(items: Any) -> list[object]:
    left_open.append(items)
    return [await anext(items)]


left_open: list[object] = []


@pytest.mark.parametrize(
    "way", [by_asend, by_athrow, by_aexit, by_aclose, by_early_aclose, by_leaving_it_to_the_loop]
)
@pytest.mark.parametrize("function", [talk_async, stubborn_async, failing_async])
def test_an_asynchronous_generator_does_the_same_as_alone(
    function: Callable[[], Any], way: Callable[[Any], Awaitable[list[object]]]
) -> None:
    recorded = memscope.record("talk.mscope", force=True)(function)

    def in_a_loop(make: Callable[[], Any]) -> object:
        complaints: list[str] = []

        async def main() -> object:
            loop = asyncio.get_running_loop()
            loop.set_exception_handler(lambda _, what: complaints.append(repr(what["exception"])))
            return await way(make())

        return outcome(lambda: asyncio.run(main())), complaints

    assert in_a_loop(recorded) == in_a_loop(function)
    left_open.clear()
    gc.collect()
    assert memscope.Recording.current is None


def test_a_coroutine_passes_cancellation_on() -> None:
    said = []

    @memscope.record()
    async def wait() -> None:
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            said.append("cancelled")
            raise

    async def main() -> None:
        task = asyncio.create_task(wait())
        await asyncio.sleep(0)
        task.cancel("enough")
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    assert said == ["cancelled"]
    assert memscope.Recording.current is None


def test_a_trace_function_of_the_program_s_own_goes_on() -> None:
    seen = []

    def trace(frame: Any, event: str, argument: object) -> Any:
        seen.append(frame.f_code.co_name)
        return trace

    recording = memscope.record("traced.mscope")
    recorded = recording(rows)
    before = sys.gettrace()
    sys.settrace(trace)
    try:
        recorded()
        assert sys.gettrace() is trace
    finally:
        sys.settrace(before)
    assert "rows" in seen
    assert recorded_rows(recording.capture) == BLOCKS
