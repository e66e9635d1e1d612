"""Water jug puzzle: breadth first over immutable states, each with the moves that lead to it."""
# forbid: grow-copy
# may: compact
import argparse
from collections import deque

LIMIT = 9_000


class State:
    __slots__ = ("levels", "moves")

    def __init__(self, levels, moves=()):
        self.levels = levels
        self.moves = moves

    def after(self, name, levels):
        return State(levels, self.moves + (name,))


class Puzzle:
    def __init__(self, sizes, goal):
        self.sizes = tuple(sizes)
        self.goal = goal

    def start(self):
        return State((0,) * len(self.sizes))

    def solved(self, state):
        return self.goal in state.levels

    def next(self, state):
        levels = state.levels
        for i, size in enumerate(self.sizes):
            if levels[i] < size:
                yield state.after(f"fill{i}", levels[:i] + (size,) + levels[i + 1:])
            if levels[i]:
                yield state.after(f"empty{i}", levels[:i] + (0,) + levels[i + 1:])
                for j, room in enumerate(self.sizes):
                    if i != j and levels[j] < room:
                        flow = min(levels[i], room - levels[j])
                        new = list(levels)
                        new[i] -= flow
                        new[j] += flow
                        yield state.after(f"{i}to{j}", tuple(new))


class Search:
    def __init__(self, puzzle):
        self.puzzle = puzzle
        self.expanded = 0

    def run(self):
        first = self.puzzle.start()
        seen = {first.levels}
        queue = deque([first])
        while queue:
            state = queue.popleft()
            self.expanded += 1
            if self.expanded > LIMIT:
                break
            for nxt in self.puzzle.next(state):
                if nxt.levels not in seen:
                    if self.puzzle.solved(nxt):
                        return nxt
                    seen.add(nxt.levels)
                    queue.append(nxt)
        return None


def main(argv=None):
    cli = argparse.ArgumentParser()
    cli.add_argument("--quick", action="store_true")
    opts = cli.parse_args(argv)
    cases = [((3, 5), 4), ((8, 5, 3), 4), ((24, 13, 11, 5), 8), ((31, 19, 23, 7), 14), ((64, 45, 21, 17), 58)]
    if not opts.quick:
        cases.append(((60, 42, 36, 24, 18, 12), 5))
        cases.append(((90, 63, 36, 27, 45, 18), 1))
        cases.append(((75, 55, 40, 35, 20, 15), 4))
        cases.append(((88, 77, 66, 55, 44, 33), 2))
    for sizes, goal in cases:
        search = Search(Puzzle(sizes, goal))
        found = search.run()
        if found is None:
            print(sizes, goal, "nothing after", search.expanded)
        else:
            print(sizes, goal, len(found.moves), " ".join(found.moves[:6]), search.expanded)


if __name__ == "__main__":
    main()
