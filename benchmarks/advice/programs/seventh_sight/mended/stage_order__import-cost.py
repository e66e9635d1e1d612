import random
from graphlib import CycleError, TopologicalSorter


class Stage:
    def __init__(self, name, needs, cost):
        self.name = name
        self.needs = needs
        self.cost = cost


class StagePlan:
    def __init__(self, stages):
        self.stages = {stage.name: stage for stage in stages}

    def order(self):
        return list(TopologicalSorter({s.name: s.needs for s in self.stages.values()}).static_order())

    def has_loop(self):
        try:
            self.order()
        except CycleError:
            return True
        return False

    def finish_times(self):
        done = {}
        for name in self.order():
            stage = self.stages[name]
            done[name] = stage.cost + max((done[n] for n in stage.needs), default=0)
        return done


class Simulation:
    def __init__(self, plan, rng):
        self.plan = plan
        self.rng = rng

    def trial(self):
        for stage in self.plan.stages.values():
            stage.cost = self.rng.randint(1, 30)
        return max(self.plan.finish_times().values())


def random_stages(count, rng):
    for n in range(count):
        needs = {f"s{rng.randrange(n):03d}" for _ in range(rng.randint(0, 3))} if n else set()
        yield Stage(f"s{n:03d}", sorted(needs), 1)


def main():
    rng = random.Random(13)
    plan = StagePlan(random_stages(300, rng))
    simulation = Simulation(plan, rng)
    results = sorted(simulation.trial() for _ in range(200))
    print(plan.has_loop(), results[100], results[-1])


if __name__ == "__main__":
    main()
