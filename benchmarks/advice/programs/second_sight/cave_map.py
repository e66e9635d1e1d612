"""Finds ways through a cave of rooms and tunnels."""
from __future__ import annotations

import random
from collections import deque
from dataclasses import dataclass, field


@dataclass(slots=True)
class Room:
    ident: int
    height: int
    doors: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Cave:
    rooms: list[Room]

    @classmethod
    def dig(cls, count: int, seed: int) -> Cave:
        rng = random.Random(seed)
        rooms = [Room(ident, rng.randrange(100)) for ident in range(count)]
        for ident in range(1, count):
            other = rng.randrange(max(0, ident - 300), ident)
            rooms[ident].doors.append(other)
            rooms[other].doors.append(ident)
            if rng.random() < 0.2:
                far = rng.randrange(count)
                rooms[ident].doors.append(far)
                rooms[far].doors.append(ident)
        return cls(rooms)

    def distance(self, start: int, goal: int) -> int:
        seen = bytearray(len(self.rooms))
        seen[start] = 1
        border = deque([(start, 0)])
        while border:
            at, steps = border.popleft()
            if at == goal:
                return steps
            for door in self.rooms[at].doors:
                if not seen[door]:
                    seen[door] = 1
                    border.append((door, steps + 1))
        return -1

    def climb(self) -> int:
        return sum(abs(room.height - self.rooms[door].height) for room in self.rooms for door in room.doors)


def main() -> None:
    cave = Cave.dig(90_000, 4)
    print([cave.distance(k * 9000, 89_999 - k * 77) for k in range(8)], cave.climb())


if __name__ == "__main__":
    main()
