"""Find cheap shift plans with simulated annealing; the best plans are returned."""
import heapq
import math
import random
from typing import List, Tuple

Plan = Tuple[int, ...]


class Problem:
    def __init__(self, rng: random.Random, people: int, shifts: int):
        self.people = people
        self.shifts = shifts
        self.dislike = [[rng.randrange(20) for _ in range(people)] for _ in range(shifts)]

    def cost(self, plan: List[int]) -> int:
        total = 0
        previous = -1
        for shift, person in enumerate(plan):
            total += self.dislike[shift][person]
            if person == previous:
                total += 25
            previous = person
        return total


def anneal(problem: Problem, rng: random.Random, rounds: int, keep: int) -> List[Tuple[int, Plan]]:
    plan = [rng.randrange(problem.people) for _ in range(problem.shifts)]
    cost = problem.cost(plan)
    best: List[Tuple[int, Plan]] = []
    heat = 30.0
    for _ in range(rounds):
        at = rng.randrange(problem.shifts)
        old = plan[at]
        plan[at] = rng.randrange(problem.people)
        fresh = problem.cost(plan)
        if fresh <= cost or rng.random() < math.exp((cost - fresh) / heat):
            cost = fresh
            entry = (-cost, tuple(plan))
            if len(best) < keep:
                heapq.heappush(best, entry)
            elif entry > best[0]:
                heapq.heapreplace(best, entry)
        else:
            plan[at] = old
        heat = max(0.5, heat * 0.9998)
    return sorted(((-c, p) for c, p in set(best)))


def main():
    rng = random.Random(90)
    problem = Problem(rng, 25, 56)
    plans = anneal(problem, rng, 120_000, 200)
    seeds = [[rng.random() for _ in range(56)] for _ in range(300)]
    print(len(plans), plans[0][0], plans[-1][0], plans[0][1][:10], f"{sum(map(sum, seeds)):.5f}")


main()
