class Timetable:
    def __init__(self, first, last, headway):
        self.first = first
        self.last = last
        self.headway = headway
        self.calls = {}

    def fill(self, distances, speed_factor):
        for stop, minutes in sorted(distances.items()):
            travel = int(minutes * speed_factor)
            self.calls[stop] = [
                (start + travel, f"L{stop % 40:02d}-{start:04d}")
                for start in range(self.first, self.last, self.headway)
            ]

    def arrivals_before(self, minute):
        return sum(1 for calls in self.calls.values() for at, _ in calls if at < minute)

    def busiest(self):
        loads = {}
        for calls in self.calls.values():
            for at, _ in calls:
                loads[at // 60] = loads.get(at // 60, 0) + 1
        return max(loads.items(), key=lambda item: (item[1], item[0]))
