"""Chat hub simulation: sessions come and go, rooms broadcast to handlers."""
import hashlib
import random
from collections import defaultdict, deque


class EventBus:
    def __init__(self):
        self.handlers = defaultdict(list)
        self.delivered = 0

    def on(self, topic, handler):
        self.handlers[topic].append(handler)  # advise: leak
        return handler

    def off(self, topic, handler):
        self.handlers[topic].remove(handler)

    def emit(self, topic, *args):
        for handler in tuple(self.handlers[topic]):
            if handler(*args):
                self.delivered += 1


class Session:
    BACKLOG = 12

    def __init__(self, hub, ident, room):
        self.hub = hub
        self.ident = ident
        self.room = room
        self.open = True
        self.outbox = bytearray(4096)
        self.used = 0
        self.recent = deque(maxlen=self.BACKLOG)
        hub.bus.on(room, self.receive)

    def receive(self, sender, text):
        if not self.open or sender == self.ident:
            return False
        self.recent.append(text)
        data = text.encode()
        if self.used + len(data) > len(self.outbox):
            self.flush()
        self.outbox[self.used:self.used + len(data)] = data
        self.used += len(data)
        return True

    def flush(self):
        self.hub.digest.update(memoryview(self.outbox)[: self.used])
        self.used = 0

    def say(self, text):
        self.hub.bus.emit(self.room, self.ident, text)

    def close(self):
        self.flush()
        self.open = False


class Hub:
    ROOMS = [f"room-{i}" for i in range(40)]

    def __init__(self):
        self.bus = EventBus()
        self.digest = hashlib.md5()
        self.sessions = {}
        self.serial = 0

    def join(self, room):
        self.serial += 1
        s = self.sessions[self.serial] = Session(self, self.serial, room)
        return s

    def leave(self, ident):
        self.sessions.pop(ident).close()


def simulate(steps, seed=1):
    rng = random.Random(seed)
    hub = Hub()
    alive = []
    for step in range(steps):
        if len(alive) < 200 or rng.random() < 0.15:
            alive.append(hub.join(rng.choice(hub.ROOMS)))
        if len(alive) > 220:
            victim = alive.pop(rng.randrange(len(alive)))
            hub.leave(victim.ident)
        speaker = rng.choice(alive)
        speaker.say(f"message {step} from {speaker.ident} with some more words in it")
    for s in alive:
        hub.leave(s.ident)
    return hub


if __name__ == "__main__":
    hub = simulate(54_000)
    print("sessions", hub.serial, "delivered", hub.bus.delivered)
    print(hub.digest.hexdigest())
