"""A turtle-graphics interpreter whose state is an immutable value."""
from dataclasses import dataclass, replace
from functools import singledispatch
from math import cos, radians, sin
from typing import NamedTuple


@dataclass(frozen=True)
class Turtle:
    x: float = 0.0
    y: float = 0.0
    heading: int = 0
    trail: tuple = ()


class Forward(NamedTuple):
    distance: int


class Turn(NamedTuple):
    degrees: int


class Repeat(NamedTuple):
    times: int
    body: list


@singledispatch
def execute(instruction, turtle):
    raise TypeError(f"cannot execute {instruction!r}")


@execute.register
def _(instruction: Forward, turtle):
    x = turtle.x + instruction.distance * cos(radians(turtle.heading))
    y = turtle.y + instruction.distance * sin(radians(turtle.heading))
    return replace(turtle, x=x, y=y, trail=turtle.trail + ((x, y),))  # advise: grow-copy


@execute.register
def _(instruction: Turn, turtle):
    return replace(turtle, heading=(turtle.heading + instruction.degrees) % 360)


@execute.register
def _(instruction: Repeat, turtle):
    for _ in range(instruction.times):
        for inner in instruction.body:
            turtle = execute(inner, turtle)
    return turtle


def koch(depth, size):
    if depth == 0:
        return [Forward(size)]
    side = koch(depth - 1, size)
    return [*side, Turn(60), *side, Turn(-120), *side, Turn(60), *side]


program = Repeat(18, [*koch(5, 3), Turn(20)])
final = execute(program, Turtle())
left = min(x for x, _ in final.trail)
top = max(y for _, y in final.trail)
print(f"{len(final.trail)} strokes, at ({final.x:.3f}, {final.y:.3f}), left {left:.3f}, top {top:.3f}")
