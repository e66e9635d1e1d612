"""A league table with ranks and neighbours from SQLite."""
from __future__ import annotations

import random
import sqlite3
from dataclasses import dataclass
from typing import NamedTuple


class Score(NamedTuple):
    player: int
    points: int
    games: int


@dataclass(slots=True)
class League:
    connection: sqlite3.Connection

    def play(self, players: int, seed: int) -> None:
        rng = random.Random(seed)
        self.connection.execute("CREATE TABLE score (player INTEGER PRIMARY KEY, points INTEGER, games INTEGER)")
        self.connection.executemany(
            "INSERT INTO score VALUES (?, ?, ?)",
            ((player, rng.randrange(100_000), rng.randint(1, 60)) for player in range(players)),
        )

    def scores(self) -> list[Score]:
        return [Score(*row) for row in self.connection.execute("SELECT * FROM score")]


def ranked(scores: list[Score]) -> dict[int, int]:
    ordered = sorted(scores, key=lambda score: (-score.points, score.games, score.player))
    return {score.player: rank for rank, score in enumerate(ordered, 1)}


def upset(scores: list[Score], ranks: dict[int, int]) -> list[tuple[int, int]]:
    found = []
    for before, after in zip(scores, scores[1:]):
        gap = abs(ranks[before.player] - ranks[after.player])
        if gap < 3:
            found.append((before.player, gap))
    return found


def main() -> None:
    league = League(sqlite3.connect(":memory:"))
    league.play(60_000, 25)
    scores = league.scores()
    ranks = ranked(scores)
    print(len(upset(scores, ranks)), [ranks[player] for player in (1, 500, 59_999)])
    print(sum(score.games * ranks[score.player] for score in scores))


if __name__ == "__main__":
    main()
