from collections import defaultdict


class Hub:
    """Named topics with callbacks."""

    def __init__(self):
        self._topics = defaultdict(list)
        self.published = 0

    def subscribe(self, topic, callback):
        self._topics[topic].append(callback)
        return callback

    def unsubscribe(self, topic, callback):
        self._topics[topic].remove(callback)
        if not self._topics[topic]:
            del self._topics[topic]

    def publish(self, topic, *args):
        self.published += 1
        for callback in tuple(self._topics.get(topic, ())):
            callback(*args)
