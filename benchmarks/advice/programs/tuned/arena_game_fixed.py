"""Waves of monsters in an arena; everything talks through an event bus."""
from __future__ import annotations

import collections
import random
from typing import Callable


class EventBus:
    def __init__(self) -> None:
        self._handlers: dict[str, list[Callable]] = collections.defaultdict(list)

    def subscribe(self, topic: str, handler: Callable) -> None:
        self._handlers[topic].append(handler)

    def unsubscribe(self, topic: str, handler: Callable) -> None:
        self._handlers[topic].remove(handler)

    def publish(self, topic: str, *args) -> None:
        for handler in list(self._handlers[topic]):
            handler(*args)


class Monster:
    def __init__(self, bus: EventBus, name: str, health: int) -> None:
        self.bus = bus
        self.name = name
        self.health = health
        self.trail: list[tuple[int, int]] = [(0, 0)]
        bus.subscribe("blast", self.on_blast)

    def move(self, rng: random.Random) -> None:
        x, y = self.trail[-1]
        self.trail.append((x + rng.randint(-1000, 1000), y + rng.randint(-1000, 1000)))

    def on_blast(self, damage: int) -> None:
        if self.health > 0:
            self.health -= damage

    @property
    def alive(self) -> bool:
        return self.health > 0


class Arena:
    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.bus = EventBus()
        self.monsters: list[Monster] = []
        self.slain = 0

    def wave(self, number: int) -> None:
        for n in range(10):
            self.monsters.append(Monster(self.bus, f"m{number}.{n}", self.rng.randint(3, 30)))
        while self.monsters:
            for monster in self.monsters:
                monster.move(self.rng)
            self.bus.publish("blast", self.rng.randint(1, 4))
            self.bury()

    def bury(self) -> None:
        dead = [monster for monster in self.monsters if not monster.alive]
        self.monsters = [monster for monster in self.monsters if monster.alive]
        for monster in dead:
            self.bus.unsubscribe("blast", monster.on_blast)
        self.slain += len(dead)


if __name__ == "__main__":
    arena = Arena(seed=8)
    for number in range(340):
        arena.wave(number)
    print("slain", arena.slain, "next roll", arena.rng.randint(1, 10**6))
