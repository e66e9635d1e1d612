"""An in-process message bus: whoever subscribed to a topic is called with what is published."""

from collections import defaultdict
from collections.abc import Callable

Handler = Callable[[str, str], None]


class Bus:
    def __init__(self) -> None:
        self._handlers: defaultdict[str, list[Handler]] = defaultdict(list)

    def subscribe(self, topic: str, handler: Handler) -> None:
        self._handlers[topic].append(handler)

    def unsubscribe(self, topic: str, handler: Handler) -> None:
        self._handlers[topic].remove(handler)

    def publish(self, topic: str, sender: str, text: str) -> None:
        for handler in self._handlers[topic]:
            handler(sender, text)
