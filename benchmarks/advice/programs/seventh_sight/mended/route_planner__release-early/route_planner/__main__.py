import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from route_planner.network import load_network, stop_distances
from route_planner.timetable import Timetable


class Planner:
    def __init__(self, side, seed):
        self.graph = load_network(side, seed)
        self.timetable = Timetable(first=300, last=1440, headway=7)

    def plan(self, origin):
        distances = stop_distances(self.graph, origin)
        self.graph = None
        self.timetable.fill(distances, speed_factor=0.8)
        return len(distances)

    def report(self):
        yield f"before 08:00 {self.timetable.arrivals_before(480)}"
        hour, load = self.timetable.busiest()
        yield f"busiest hour {hour} with {load}"


def main():
    planner = Planner(side=170, seed=3)
    print("stops", planner.plan(origin=170 * 85 + 85))
    for line in planner.report():
        print(line)


if __name__ == "__main__":
    main()
