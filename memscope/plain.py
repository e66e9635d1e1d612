"""`dataclass`, `field` and `replace` for what a supervisor has in memory while a program runs.

The standard library's bring `inspect`, `ast` and `re` with them: 1.3 MiB beside each program that
is recorded. Type checkers take these for the standard library's. They know what is used here:
frozen, slots, defaults, and fields that are named. The standard library's functions take such
objects, too.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dataclasses import dataclass, field, replace
else:
    _NOTHING = object()

    class _Field:
        __slots__ = ("default", "default_factory", "kw_only")

        def __init__(self, default, default_factory, kw_only):
            self.default = default
            self.default_factory = default_factory
            self.kw_only = kw_only

    class _Fields:
        """What `dataclasses` looks for in a class, made when it looks."""

        def __get__(self, instance, owner):
            import dataclasses

            told = [
                (
                    name,
                    owner.__annotations__[name],
                    dataclasses.field(
                        kw_only=of.kw_only,
                        **{
                            key: getattr(of, key)
                            for key in ("default", "default_factory")
                            if getattr(of, key) is not _NOTHING
                        },
                    ),
                )
                for name, of in owner.__plain_fields__.items()
            ]
            return dataclasses.make_dataclass(owner.__name__, told).__dataclass_fields__

    def field(*, default=_NOTHING, default_factory=_NOTHING, kw_only=False):
        return _Field(default, default_factory, kw_only)

    def replace(instance, **changes):
        """A copy with other values."""
        known = {name: getattr(instance, name) for name in instance.__plain_fields__}
        return type(instance)(**{**known, **changes})

    def dataclass(*, frozen=False, slots=False):
        """Of a class with annotations: its fields, without those of classes above it."""

        def made(cls):
            fields = {}
            for name in cls.__annotations__:
                value = cls.__dict__.get(name, _NOTHING)
                fields[name] = value if isinstance(value, _Field) else field(default=value)
            namespace = {
                name: value
                for name, value in cls.__dict__.items()
                if name not in fields and name not in ("__dict__", "__weakref__")
            }
            namespace["__plain_fields__"] = fields
            namespace["__dataclass_fields__"] = _Fields()
            namespace["__match_args__"] = tuple(
                name for name, of in fields.items() if not of.kw_only
            )
            namespace.setdefault("__init__", _init_of(fields))
            namespace.setdefault("__repr__", _repr)
            namespace.setdefault("__eq__", _equals)
            namespace["__hash__"] = _hash if frozen else None
            namespace["__reduce__"] = _reduce
            if slots:
                namespace["__slots__"] = tuple(fields)
            if frozen:
                namespace["__setattr__"] = namespace["__delattr__"] = _refuse
            return type(cls)(cls.__name__, cls.__bases__, namespace)

        return made

    def _init_of(fields):
        placed = [name for name, of in fields.items() if not of.kw_only]

        def __init__(self, *values, **named):  # noqa: N807
            if len(values) > len(placed):
                raise TypeError(f"{type(self).__name__} takes {len(placed)} values")
            given = dict(zip(placed, values, strict=False))
            if twice := given.keys() & named.keys() or named.keys() - fields.keys():
                raise TypeError(f"{type(self).__name__}: {', '.join(twice)} cannot be given")
            given.update(named)
            for name, of in fields.items():
                object.__setattr__(self, name, _value_of(type(self), name, of, given))

        return __init__

    def _value_of(cls, name, of, given):
        if name in given:
            return given[name]
        if of.default_factory is not _NOTHING:
            return of.default_factory()
        if of.default is _NOTHING:
            raise TypeError(f"{cls.__name__} needs {name}")
        return of.default

    def _values(instance):
        return tuple(getattr(instance, name) for name in instance.__plain_fields__)

    def _repr(self):
        values = zip(self.__plain_fields__, _values(self), strict=True)
        return f"{type(self).__qualname__}({', '.join(f'{k}={v!r}' for k, v in values)})"

    def _equals(self, other):
        return _values(self) == _values(other) if type(self) is type(other) else NotImplemented

    def _hash(self):
        return hash(_values(self))

    def _reduce(self):
        return _made_of, (type(self), dict(zip(self.__plain_fields__, _values(self), strict=True)))

    def _made_of(cls, values):
        return cls(**values)

    def _refuse(self, name, value=None):
        raise AttributeError(f"cannot assign to field {name!r}")


__all__ = ["dataclass", "field", "replace"]
