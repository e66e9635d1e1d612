"""One user's stay in a room."""

from collections import deque

from bus import Bus


class Session:
    def __init__(self, bus: Bus, user: str, room: str) -> None:
        self.bus = bus
        self.user = user
        self.room = room
        self.open = True
        self.received = 0
        self.backlog: deque[str] = deque(maxlen=200)

    def __enter__(self) -> "Session":
        self.bus.subscribe(self.room, self._on_message)
        return self

    def __exit__(self, *exc: object) -> None:
        self.open = False

    def say(self, text: str) -> None:
        self.bus.publish(self.room, self.user, text)

    def _on_message(self, sender: str, text: str) -> None:
        if self.open and sender != self.user:
            self.received += 1
            self.backlog.append(f"<{sender}> {text}")
