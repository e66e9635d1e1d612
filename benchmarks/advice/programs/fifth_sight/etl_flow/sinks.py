from collections import defaultdict


class Totals:
    def __init__(self):
        self.energy = defaultdict(float)
        self.peak = {}

    def __call__(self, records):
        for record in records:
            city = record["city"]
            self.energy[city] += record["kwh"]
            if record["kwh"] > self.peak.get(city, (0, 0))[0]:
                self.peak[city] = (record["kwh"], record["day"])
        return self
