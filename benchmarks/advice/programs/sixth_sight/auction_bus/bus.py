from collections import defaultdict


class Bus:
    """Topic based publish/subscribe inside the process."""

    def __init__(self):
        self._subscribers = defaultdict(list)
        self.published = 0

    def subscribe(self, topic, handler):
        self._subscribers[topic].append(handler)

    def unsubscribe(self, topic, handler):
        handlers = self._subscribers.get(topic, [])
        if handler in handlers:
            handlers.remove(handler)
        if not handlers:
            self._subscribers.pop(topic, None)

    def publish(self, topic, **event):
        self.published += 1
        for handler in list(self._subscribers.get(topic, ())):
            handler(**event)
