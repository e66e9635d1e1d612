"""Tower defence without graphics: waves of creeps walk, towers shoot, score is printed."""
import math
import random


class Hub:
    """Tiny signal hub: listeners get every signal name with its arguments."""

    def __init__(self):
        self.listeners = {}

    def join(self, who, callback):
        self.listeners[who.serial] = callback  # advise: leak

    def part(self, who):
        self.listeners.pop(who.serial, None)

    def send(self, signal, *args):
        for callback in list(self.listeners.values()):
            callback(signal, *args)


# may: compact
class Creep:
    count = 0

    def __init__(self, hub, rng, wave):
        Creep.count += 1
        self.serial = Creep.count
        self.hub = hub
        self.health = 20 + wave
        self.step = 0
        self.speed = 1 + rng.randrange(2)
        self.track = [(x * 0.5, 10 + 8 * math.sin(x / 9 + rng.random() * 0.2)) for x in range(120)]
        hub.join(self, self.on_signal)

    def on_signal(self, signal, amount):
        if signal == "frost" and self.alive:
            self.speed = max(1, self.speed - amount)

    @property
    def alive(self):
        return self.health > 0 and self.step < len(self.track)

    @property
    def where(self):
        return self.track[min(self.step, len(self.track) - 1)]

    def walk(self):
        self.step += self.speed


class Tower:
    def __init__(self, x, y, reach, damage):
        self.x, self.y, self.reach, self.damage = x, y, reach, damage
        self.kills = 0

    def shoot(self, creeps):
        for c in creeps:
            cx, cy = c.where
            if c.alive and math.hypot(cx - self.x, cy - self.y) < self.reach:
                c.health -= self.damage
                self.kills += c.health <= 0
                return


class Game:
    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.hub = Hub()
        self.towers = [Tower(x, 10, 7, 4 + x % 3) for x in range(5, 60, 9)]
        self.got_through = 0
        self.score = 0

    def wave(self, number):
        creeps = []
        to_come = 30
        while to_come or creeps:
            if to_come:
                creeps.append(Creep(self.hub, self.rng, number))
                to_come -= 1
            for t in self.towers:
                t.shoot(creeps)
            for c in creeps:
                c.walk()
            creeps = self.sweep(creeps)
        self.hub.send("frost", 1)

    def sweep(self, creeps):
        kept = []
        for c in creeps:
            if c.alive:
                kept.append(c)
            else:
                if c.health > 0:
                    self.got_through += 1
                else:
                    self.score += 10
        return kept


def main():
    game = Game(2)
    for n in range(130):
        game.wave(n)
    print("score", game.score, "through", game.got_through)
    print("kills", [t.kills for t in game.towers])


if __name__ == "__main__":
    main()
