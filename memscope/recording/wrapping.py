"""What a decorated function becomes: a wrapper that says when each call begins and ends.

The recorder leaves the frames of this file out of stacks: what a wrapper calls is shown as if its
caller had called it. What the wrappers themselves allocate is memscope's.
"""

from __future__ import annotations

import inspect
import sys
from functools import partial, wraps
from types import FunctionType, MethodType, coroutine
from typing import TYPE_CHECKING, Any

from memscope.errors import MemscopeError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Generator

    from memscope.recording.sharing import Sharing

    AnyFunction = Callable[..., Any]


def wrapped(target: Any, sharing: Sharing) -> Any:
    """A recorded one in a target's place, of the same kind. Raises MemscopeError if none can be."""
    if isinstance(target, staticmethod | classmethod):
        return type(target)(wrapped(target.__func__, sharing))
    if isinstance(target, type):
        raise MemscopeError(
            "a class cannot be recorded", target.__qualname__, "decorate its methods"
        )
    if isinstance(target, property):
        raise MemscopeError(
            "a property cannot be recorded", None, "decorate its functions, below @property"
        )
    if not callable(target):
        raise MemscopeError(
            f"only functions and other callables can be recorded, not a {type(target).__name__}"
        )
    if isinstance(target, MethodType):
        return MethodType(wrapped(target.__func__, sharing), target.__self__)
    if isinstance(target, partial):
        # A function in its place would become a method in the body of a class.
        recorded = type(target)(wrapped(target.func, sharing), *target.args, **target.keywords)
        recorded.__dict__.update(target.__dict__)
        return recorded
    if isinstance(target, FunctionType):
        return _wrapper_of(target, target, sharing)
    return _RecordedObject(target, sharing)


def _wrapper_of(function: AnyFunction, model: AnyFunction, sharing: Sharing) -> AnyFunction:
    """A wrapper of the kind of function that the model is."""
    if inspect.isasyncgenfunction(model):
        return _of_async_generator(function, sharing)
    if inspect.iscoroutinefunction(model):
        return _of_coroutine(function, sharing)
    if inspect.isgeneratorfunction(model):
        wrapper = _of_generator(function, sharing)
        awaited = model.__code__.co_flags & inspect.CO_ITERABLE_COROUTINE
        return coroutine(wrapper) if awaited else wrapper
    return _of_function(function, sharing)


class _RecordedObject:
    """A callable that is no function, recorded; in all else it is as the object itself."""

    def __init__(self, target: AnyFunction, sharing: Sharing) -> None:
        self.__wrapped__ = target
        self.__doc__ = target.__doc__
        self._call = _wrapper_of(target, type(target).__call__, sharing)

    def __call__(self, /, *args: Any, **kwargs: Any) -> Any:
        return self._call(*args, **kwargs)

    def __get__(self, instance: object, owner: type | None = None) -> Any:
        # Functions of C and of functools.lru_cache are bound to instances, most objects are not.
        if instance is None or not hasattr(type(self.__wrapped__), "__get__"):
            return self
        return MethodType(self, instance)

    def __getattr__(self, name: str) -> Any:
        if name == "__wrapped__":  # not there yet: the object is being copied
            raise AttributeError(name)
        return getattr(self.__wrapped__, name)

    def __repr__(self) -> str:
        return repr(self.__wrapped__)

    def __reduce__(self) -> Any:
        return self.__wrapped__.__reduce__()


def _of_function(function: AnyFunction, sharing: Sharing) -> AnyFunction:
    @wraps(function)
    def recorded(*args: Any, **kwargs: Any) -> Any:
        call = sharing.enter(function)
        try:
            return function(*args, **kwargs)
        finally:
            if call is not None:
                call.leave()

    return recorded


def _of_coroutine(function: AnyFunction, sharing: Sharing) -> AnyFunction:
    @wraps(function)
    async def recorded(*args: Any, **kwargs: Any) -> Any:
        call = sharing.enter(function)
        try:
            return await function(*args, **kwargs)
        finally:
            if call is not None:
                call.leave()

    return recorded


# `yield from` would do nearly the same. But it closes what it delegates to where GeneratorExit is
# thrown, and loses what the generator then returns or yields.
#
# While a generator is suspended its wrapper holds neither what was yielded nor what was sent or
# thrown: both pass through a list that is empty meanwhile. And what was thrown is passed on outside
# of the except clause, so that it is not the context of later exceptions.


def _of_generator(function: AnyFunction, sharing: Sharing) -> AnyFunction:
    @wraps(function)
    def recorded(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
        call = sharing.enter(function)
        try:
            body = function(*args, **kwargs)
            resume = body.send
            passing = [None]
            while True:
                try:
                    passing.append(resume(passing.pop()))
                except StopIteration as end:
                    return end.value
                try:
                    passing.append((yield passing.pop()))
                    resume = body.send
                except BaseException as thrown:
                    passing.append(thrown)  # type: ignore[arg-type]
                    resume = body.throw
        finally:
            if call is not None:
                call.leave()

    return recorded


def _of_async_generator(function: AnyFunction, sharing: Sharing) -> AnyFunction:
    @wraps(function)
    async def recorded(*args: Any, **kwargs: Any) -> AsyncGenerator[Any, Any]:
        call = sharing.enter(function)
        try:
            body = function(*args, **kwargs)
            resumed = _first(body)
            passing: list[Any] = []
            while True:
                try:
                    passing.append(await resumed)
                except StopAsyncIteration:
                    return
                try:
                    passing.append((yield passing.pop()))
                    resume = body.asend
                except BaseException as thrown:
                    passing.append(thrown)
                    resume = body.athrow
                resumed = resume(passing.pop())
        finally:
            if call is not None:
                call.leave()

    return recorded


def _first(body: AsyncGenerator[Any, Any]) -> Awaitable[Any]:
    """Begin an asynchronous generator that the event loop does not come to know.

    At its end a loop closes all that it knows, at once: a generator and the one that it delegates
    to would get into each other's way.
    """
    hooks = sys.get_asyncgen_hooks()
    sys.set_asyncgen_hooks(None, None)
    try:
        return body.__anext__()
    finally:
        sys.set_asyncgen_hooks(*hooks)
