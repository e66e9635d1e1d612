"""A pipeline is a chain of named stages, each taking and giving an iterable."""
from collections import Counter


class Flow:
    def __init__(self, name):
        self.name = name
        self.stages = []
        self.counts = Counter()

    def stage(self, func):
        self.stages.append((func.__name__, func))
        return func

    def counted(self, name, records):
        for record in records:
            self.counts[name] += 1
            yield record

    def run(self, source, sink):
        data = source
        for name, func in self.stages:
            data = list(self.counted(name, func(data)))
        return sink(data)
