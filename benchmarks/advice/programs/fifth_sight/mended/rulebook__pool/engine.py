from array import array

from rules import Rule

WINDOW = 1_500_000


class Engine:
    def __init__(self, catalog, threshold):
        self.rules = [Rule(*item) for item in catalog]
        self.threshold = threshold
        self.recent = array("I", [0]) * WINDOW
        self.scored = 0

    def score(self, facts):
        total = 0
        for rule in self.rules:
            if rule.matches(facts):
                total += rule.weight
        self.recent[self.scored % WINDOW] = total
        self.scored += 1
        return total

    def flagged(self, stream):
        for facts in stream:
            total = self.score(facts)
            if total >= self.threshold:
                yield facts["id"], total

    def mean_score(self):
        used = min(self.scored, WINDOW)
        return sum(self.recent[:used]) / used
