from collections import defaultdict


class EventBus:
    def __init__(self):
        self._listeners = defaultdict(list)
        self.published = 0

    def subscribe(self, topic, listener):
        self._listeners[topic].append(listener)
        return listener

    def unsubscribe(self, topic, listener):
        self._listeners[topic].remove(listener)

    def publish(self, topic, **payload):
        self.published += 1
        for listener in tuple(self._listeners[topic]):
            listener(**payload)
