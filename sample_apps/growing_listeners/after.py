"""A message bus that sessions listen to: each stops when it is done."""

from __future__ import annotations

from collections.abc import Callable

SESSIONS = 12_000

Listener = Callable[[str], int]


class Bus:
    def __init__(self) -> None:
        self.listeners: dict[int, Listener] = {}

    def listen(self, session: int, listener: Listener) -> None:
        self.listeners[session] = listener

    def stop(self, session: int) -> None:
        del self.listeners[session]

    def publish(self, session: int, message: str) -> int:
        return self.listeners[session](message)


bus = Bus()


def serve(session: int) -> int:
    inbox = bytearray(400)

    def receive(message: str) -> int:
        inbox[: len(message)] = message.encode()
        return inbox[0] + inbox[-1]

    bus.listen(session, receive)
    served = sum(
        bus.publish(session, f"message {number} for session {session}") for number in range(20)
    )
    bus.stop(session)
    return served


def main() -> None:
    print(sum(serve(session) for session in range(SESSIONS)), "bytes seen")


if __name__ == "__main__":
    main()
