"""Answers take 10 µs to make, of what they are given: nothing to keep. tempting: pool"""

from __future__ import annotations

Headers = list[tuple[str, int]]


class Answer:
    def __init__(self, status: int, headers: Headers) -> None:
        self.status = status
        self.headers = [(name.lower(), str(value)) for name, value in headers]
        self.index = {name: [name, value] for name, value in self.headers}


def answer(status: int, headers: Headers) -> int:
    result = Answer(status, headers)
    return result.status + len(result.index)


def handle(number: int) -> int:
    return answer(200 + number % 7, [(f"X-{part}", number + part) for part in range(20)])


print(sum(handle(number) for number in range(4000)))
