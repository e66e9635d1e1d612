"""Simulate an evening of a chat server: users come, talk to the house bot and leave."""

from contextlib import ExitStack

from bus import Bus
from session import Session

ROOMS = [f"room-{n}" for n in range(60)]


def visit(bus: Bus, number: int) -> int:
    room = ROOMS[number * 7 % len(ROOMS)]
    with ExitStack() as stay:
        guest = stay.enter_context(Session(bus, f"guest-{number}", room))
        friend = stay.enter_context(Session(bus, f"friend-{number}", room))
        for turn in range(8):
            guest.say(f"question {turn} of visit {number}")
            friend.say(f"answer {turn} to {guest.user}, with a few more words than needed")
        return guest.received + friend.received + len(guest.backlog)


def main() -> None:
    bus = Bus()
    delivered = sum(visit(bus, number) for number in range(5500))
    print("delivered", delivered)


if __name__ == "__main__":
    main()
