import math
import random


class Series:
    def __init__(self, n):
        self.values = [math.sin(i / 100) for i in range(n)]  # advise: compact

    def mean(self):
        return sum(self.values) / len(self.values)

    def at(self, i):
        return self.values[i]


s = Series(400000)
rng = random.Random(1)
print(s.mean(), sum(s.at(rng.randrange(400000)) for _ in range(50000)))
