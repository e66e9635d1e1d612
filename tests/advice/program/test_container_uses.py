"""Whether a file reads what it stores, by whatever name it has it there."""

from __future__ import annotations

import ast

import pytest

from memscope.advice.program.container_uses import Uses, uses_of
from memscope.advice.program.containers import stored_in
from memscope.advice.program.source import SourceFile


def uses(storing: str, rest: str) -> Uses:
    """What the rest of the file does with what the first line stores."""
    text = f"{storing}\n{rest}\n"
    source = SourceFile(text.encode(), ast.parse(text))
    statement = source.statement(1)
    assert statement is not None
    container = stored_in(statement)
    assert container is not None
    return uses_of(source.tree, container, statement)


def reads(storing: str, rest: str) -> bool:
    return uses(storing, rest).reads


@pytest.mark.parametrize(
    "rest",
    [
        "todo.extend(other.children)",
        "print(sum(part.children))",
        "together = [*first, *sorted(part.children)]",
        "for child in part.children: work(child)",
    ],
)
def test_going_through_all_of_it_is_reading(rest: str) -> None:
    assert reads("node.children.append(kid)", rest)


TAKES = (
    "class Book:\n def match(self, size, queue):\n  {}\n def buy(self):\n  self.match(1, self.asks)"
)


@pytest.mark.parametrize(
    "body", ["print(queue[0][0])", "for order in queue: work(order)", "return queue"]
)
def test_what_an_own_function_does_with_it_counts(body: str) -> None:
    assert reads("heappush(self.asks, (price, order))", TAKES.format(body))


@pytest.mark.parametrize("body", ["print(size[0])", "print(len(queue))"])
def test_what_it_does_with_something_else_does_not(body: str) -> None:
    assert not reads("heappush(self.asks, (price, order))", TAKES.format(body))


@pytest.mark.parametrize("rest", ["heapq.heappop(self.asks)", TAKES.format("heappop(queue)")])
def test_a_heap_is_emptied_by_its_functions(rest: str) -> None:
    assert uses("heappush(self.asks, (price, order))", rest).removes


@pytest.mark.parametrize("rest", ["print(len(part.children))", "todo.extend(part.others)", "pass"])
def test_what_only_counts_it_or_names_another_does_not_read_it(rest: str) -> None:
    assert not reads("node.children.append(kid)", rest)


@pytest.mark.parametrize(
    "storing",
    [
        "self.logs.setdefault(key, []).append(item)",
        "self.logs[key].append(item)",
        "cls.logs.setdefault(key, {})[name] = item",
    ],
)
def test_what_lies_within_another_is_read_by_the_name_of_that(storing: str) -> None:
    assert reads(storing, "for key, items in Flight.logs.items(): print(key, items)")
    assert not reads(storing, "for each in self.others: print(each)")
