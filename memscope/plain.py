"""`dataclass`, `field` and `replace` that cost next to nothing until an object is made.

The standard library's write and compile up to six functions for each class as a module is imported:
0.8 ms on CPython 3.11, 1.7 on 3.13, and a subcommand imports 80 to 170 of them. They bring
`inspect`, `ast` and `re` with them, too: 1.3 MiB beside each program that is recorded. These take
0.1 ms for a class, and compile one function when its first object is made. So what is used within a
program that is recorded takes the standard library's.

Type checkers take these for the standard library's. They know what is used here: frozen, slots,
defaults, `__post_init__`, and fields that are named, not given or not shown. The standard library's
functions take such objects, too.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dataclasses import dataclass, field, replace
else:
    from _operator import attrgetter  # operator.py is not in memory beside each program

    _NOTHING = object()

    class _Field:
        __slots__ = ("default", "default_factory", "init", "kw_only", "repr")

        def __init__(self, default, default_factory, init, repr, kw_only):
            self.default = default
            self.default_factory = default_factory
            self.init = init
            self.repr = repr
            self.kw_only = kw_only

    class _Fields:
        """What `dataclasses` looks for in a class, made when it first looks."""

        def __get__(self, instance, owner):
            import dataclasses

            told = [
                (
                    name,
                    _annotation_of(owner, name),
                    dataclasses.field(
                        init=of.init,
                        repr=of.repr,
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
            fields = dataclasses.make_dataclass(owner.__name__, told).__dataclass_fields__
            owner.__dataclass_fields__ = fields
            return fields

    def _annotation_of(owner, name):
        return next(
            base.__annotations__[name]
            for base in owner.__mro__
            if name in getattr(base, "__annotations__", ())
        )

    def field(*, default=_NOTHING, default_factory=_NOTHING, init=True, repr=True, kw_only=False):
        return _Field(default, default_factory, init, repr, kw_only)

    def replace(instance, **changes):
        """A copy with other values."""
        given = {
            name: getattr(instance, name)
            for name, of in instance.__plain_fields__.items()
            if of.init
        }
        return type(instance)(**{**given, **changes})

    def dataclass(cls=None, /, *, frozen=False, slots=False):
        """Of a class with annotations: its fields, after those of classes above it."""

        def made(cls):
            own = {}
            for name in cls.__annotations__:
                value = cls.__dict__.get(name, _NOTHING)
                own[name] = value if isinstance(value, _Field) else field(default=value)
            fields = {}
            for base in reversed(cls.__mro__[1:]):
                fields.update(base.__dict__.get("__plain_fields__", {}))
            fields.update(own)
            namespace = {
                name: value
                for name, value in cls.__dict__.items()
                if name not in own and name not in ("__dict__", "__weakref__")
            }
            namespace["__qualname__"] = cls.__qualname__
            namespace["__plain_fields__"] = fields
            namespace["__plain_values__"] = _values_of(tuple(fields))
            namespace["__dataclass_fields__"] = _Fields()
            namespace["__match_args__"] = tuple(
                name for name, of in fields.items() if of.init and not of.kw_only
            )
            namespace.setdefault("__init__", _first_init(lambda: finished))
            namespace.setdefault("__repr__", _repr)
            namespace.setdefault("__eq__", _equals)
            namespace["__hash__"] = _hash if frozen else None
            namespace["__reduce__"] = _reduce
            if slots:
                namespace["__slots__"] = tuple(own)
            if frozen:
                namespace["__setattr__"] = namespace["__delattr__"] = _refuse
            finished = type(cls)(cls.__name__, cls.__bases__, namespace)
            return finished

        return made if cls is None else made(cls)

    def _first_init(owner):
        """What stands for `__init__` until the first object is made."""

        def __init__(self, *values, **named):  # noqa: N807
            cls = owner()
            cls.__init__ = _compiled_init(cls)
            cls.__init__(self, *values, **named)

        return __init__

    def _compiled_init(cls):
        names = {"_put": object.__setattr__, "_nothing": _NOTHING}
        placed, named, body = [], [], []
        for name, of in cls.__plain_fields__.items():
            value = name
            if of.default_factory is not _NOTHING:
                names[f"_make_{name}"] = of.default_factory
                value = f"_make_{name}()"
            elif of.default is not _NOTHING:
                names[f"_default_{name}"] = of.default
                value = f"_default_{name}"
            if of.init:
                default = "" if value == name else f"={value}"
                if of.default_factory is not _NOTHING:
                    default, value = "=_nothing", f"{value} if {name} is _nothing else {name}"
                else:
                    value = name
                (named if of.kw_only else placed).append(f"{name}{default}")
            elif value == name:
                continue  # __post_init__ gives it
            body.append(f"_put(self, {name!r}, {value})")
        if hasattr(cls, "__post_init__"):
            body.append("self.__post_init__()")
        taken = ", ".join(["self", *placed, *(["*", *named] if named else [])])
        lines = "\n    ".join(body or ["pass"])
        exec(f"def __init__({taken}):\n    {lines}", names)
        init = names["__init__"]
        init.__qualname__ = f"{cls.__qualname__}.__init__"
        return init

    def _values_of(names):
        """Takes the values of an object as a tuple."""
        if len(names) > 1:
            return attrgetter(*names)
        return staticmethod(lambda instance: tuple(getattr(instance, name) for name in names))

    def _repr(self):
        values = zip(self.__plain_fields__.items(), self.__plain_values__(self), strict=True)
        told = ", ".join(f"{name}={value!r}" for (name, of), value in values if of.repr)
        return f"{type(self).__qualname__}({told})"

    def _equals(self, other):
        if type(self) is not type(other):
            return NotImplemented
        return self.__plain_values__(self) == self.__plain_values__(other)

    def _hash(self):
        return hash(self.__plain_values__(self))

    def _reduce(self):
        values = zip(self.__plain_fields__, self.__plain_values__(self), strict=True)
        return _made_of, (type(self), dict(values))

    def _made_of(cls, values):
        made = cls.__new__(cls)
        for name, value in values.items():
            object.__setattr__(made, name, value)
        return made

    def _refuse(self, name, value=None):
        raise AttributeError(f"cannot assign to field {name!r}")


__all__ = ["dataclass", "field", "replace"]
