"""Matchers recognise the payee in the free text of a booking; they are costly to set up."""

import re

PAYEES = [f"{kind} {n:02d}" for kind in ("Grocer", "Tram", "Clinic", "Cinema") for n in range(40)]


class Matcher:
    """Keeps what it learns about spellings during one statement, so it is not shared."""

    def __init__(self) -> None:
        self._by_word = {}
        for payee in PAYEES:
            for spelling in (payee, payee.upper(), payee.replace(" ", ""), payee.replace(" ", "-")):
                self._by_word[spelling] = payee
        self._words = re.compile(r"[A-Za-z]+[ -]?\d\d")
        self.learned: dict[str, str] = {}

    def reset(self) -> None:
        self.learned.clear()

    def payee(self, text: str) -> str:
        found = self._words.search(text)
        if found is None:
            raise ValueError(f"no payee in {text!r}")
        word = found[0]
        payee = self.learned.get(word) or self._by_word.get(word, "unknown")
        self.learned[word] = payee
        return payee


class MatcherPool:
    def __init__(self) -> None:
        self._idle: list[Matcher] = []

    def take(self) -> Matcher:
        if self._idle:
            return self._idle.pop()
        return Matcher()

    def give_back(self, matcher: Matcher) -> None:
        matcher.reset()
        self._idle.append(matcher)
