"""Waves of monsters attack a keep; towers shoot them down."""
import random
from abc import ABC, abstractmethod


class Bus:
    def __init__(self):
        self._routes = {}

    def on(self, topic, handler):
        self._routes.setdefault(topic, []).append(handler)

    def off(self, topic):
        self._routes.pop(topic, None)

    def emit(self, topic, *args):
        for handler in self._routes.get(topic, ()):
            handler(*args)


class Actor(ABC):
    serial = 0

    def __init__(self, bus):
        Actor.serial += 1
        self.ident = Actor.serial
        self.bus = bus

    @abstractmethod
    def tick(self):
        ...


class Monster(Actor):
    base_hp = 20

    def __init__(self, bus, rng):
        super().__init__(bus)
        self.hp = self.base_hp
        self.path = [rng.random() for _ in range(60)]
        self.step = 0
        bus.on(f"hit:{self.ident}", self.hurt)

    def hurt(self, amount):
        self.hp -= amount

    def tick(self):
        self.step = (self.step + 1) % len(self.path)
        return self.path[self.step]

    @property
    def dead(self):
        return self.hp <= 0


class Ogre(Monster):
    base_hp = 55


class Goblin(Monster):
    base_hp = 12


class Keep:
    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.bus = Bus()
        self.field = []
        self.score = 0

    def wave(self, size):
        for _ in range(size):
            species = Ogre if self.rng.random() < 0.2 else Goblin
            self.field.append(species(self.bus, self.rng))

    def shoot(self):
        for monster in self.field:
            self.bus.emit(f"hit:{monster.ident}", self.rng.randint(4, 15))
        alive = []
        for monster in self.field:
            monster.tick()
            if monster.dead:
                self.score += monster.base_hp
                self.bus.off(f"hit:{monster.ident}")
            else:
                alive.append(monster)
        self.field = alive


def main():
    keep = Keep(11)
    for _ in range(90):
        keep.wave(130)
        for _ in range(4):
            keep.shoot()
    print("score", keep.score, "left", len(keep.field))


if __name__ == "__main__":
    main()
