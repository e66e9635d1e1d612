"""`memscope.plain` does what the standard library's dataclasses do, as far as it is used."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from types import ModuleType
from typing import Any

import pytest

import memscope.plain

SOURCE = """
from __future__ import annotations

class Thing:
    "What it is."
    count: int
    name: str = "none"
    parts: list[int] = field(default_factory=list)
    named: bool = field(default=False, kw_only=True)

    @property
    def double(self) -> int:
        return 2 * self.count

Frozen = dataclass(frozen=True, slots=True)(Thing)
"""


def made_by(module: ModuleType) -> Any:
    names: dict[str, Any] = {"dataclass": module.dataclass, "field": module.field}
    names["__name__"] = __name__
    exec(SOURCE, names)
    return names["Frozen"]


Frozen, Standard = made_by(memscope.plain), made_by(dataclasses)
Thing = Frozen  # by which it is found again


def shown(made: Any) -> Any:
    """What can be told of an object, or of why there is none."""
    try:
        thing = made()
    except (TypeError, AttributeError) as error:
        return type(error) if not isinstance(error, AttributeError) else AttributeError
    return repr(thing), thing.double, thing.__doc__, thing.__match_args__


@pytest.mark.parametrize(
    "values",
    [((), {}), ((1,), {}), ((1, "a", [2]), {"named": True}), ((1, "a", [2], True), {}),
     ((1,), {"count": 2}), ((), {"count": 2}), ((1,), {"other": 2})],
)  # fmt: skip
def test_objects_are_made_and_shown_as_the_standard_librarys(values: Any) -> None:
    placed, named = values
    assert shown(lambda: Frozen(*placed, **named)) == shown(lambda: Standard(*placed, **named))


def test_they_are_compared_and_hashed_by_their_values() -> None:
    assert Frozen(1, "a") == Frozen(1, "a")
    assert Frozen(1, "a") != Frozen(2, "a")
    assert Frozen(1) != Standard(1)
    assert hash(Frozen(1, "a", ())) == hash(Frozen(1, "a", ()))


@pytest.mark.parametrize("name", ["count", "unknown"])
def test_what_is_frozen_stays_as_it_is(name: str) -> None:
    thing = Frozen(1)
    with pytest.raises(AttributeError):
        setattr(thing, name, 2)
    with pytest.raises(AttributeError):
        delattr(thing, name)


def test_each_has_a_value_of_its_own_by_a_factory() -> None:
    assert Frozen(1).parts is not Frozen(1).parts


def test_copies_have_other_values() -> None:
    thing = Frozen(1, "a", named=True)
    assert memscope.plain.replace(thing, name="b") == Frozen(1, "b", named=True)
    assert copy.copy(thing) == thing
    assert pickle.loads(pickle.dumps(thing)) == thing


def test_the_standard_librarys_functions_take_them() -> None:
    thing = Frozen(1, "a", named=True)
    assert dataclasses.is_dataclass(thing)
    assert dataclasses.asdict(thing) == {"count": 1, "name": "a", "parts": [], "named": True}
    assert dataclasses.replace(thing, count=2) == Frozen(2, "a", named=True)
    kinds = [
        [(each.name, each.default, each.kw_only) for each in dataclasses.fields(of)]
        for of in (Frozen, Standard)
    ]
    assert [name for name, _, _ in kinds[0]] == ["count", "name", "parts", "named"]
    assert kinds[0][1:] == kinds[1][1:]


BELOW = """
from __future__ import annotations

@dataclass
class Above:
    count: int = 1

@dataclass(frozen=True, slots=True)
class Alone:
    count: int
    twice: int = field(init=False)
    secret: str = field(default="hidden", repr=False)
    thrice: int = field(init=False, default=3)

    def __post_init__(self) -> None:
        object.__setattr__(self, "twice", 2 * self.count)

@dataclass
class Below(Above):
    name: str = "none"
"""


def test_classes_below_others_and_fields_that_are_not_given() -> None:
    told = []
    for module in (memscope.plain, dataclasses):
        names: dict[str, Any] = {"dataclass": module.dataclass, "field": module.field}
        names["__name__"] = __name__
        exec(BELOW, names)
        below, alone = names["Below"](2, name="a"), names["Alone"](2)
        assert (alone.twice, alone.thrice) == (4, 3)
        assert module.replace(alone, count=5).twice == 10
        assert copy.copy(below) == below
        with pytest.raises(TypeError):
            names["Alone"](2, "a", 3)
        assert "hidden" not in repr(alone)
        told.append((repr(below), repr(names["Below"]()), repr(alone), dataclasses.asdict(alone)))
        told[-1] += (names["Alone"].__match_args__, names["Below"].__match_args__)
    assert told[0] == told[1]
