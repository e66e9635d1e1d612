import operator
import random

import networkx as nx

OPS = {"+": operator.add, "-": operator.sub, "max": max, "min": min}


class Cell:
    __slots__ = ("name", "op", "left", "right")

    def __init__(self, name, op, left, right):
        self.name = name
        self.op = op
        self.left = left
        self.right = right


class Sheet:
    def __init__(self, cells):
        self.cells = {cell.name: cell for cell in cells}

    def order(self):
        graph = nx.DiGraph()
        graph.add_nodes_from(self.cells)
        for cell in self.cells.values():
            for name in (cell.left, cell.right):
                if name in self.cells:
                    graph.add_edge(name, cell.name)
        return nx.lexicographical_topological_sort(graph)


class Evaluator:
    def __init__(self, inputs):
        self.scope = dict(inputs)

    def bind(self, name, value):
        self.scope = {**self.scope, name: value}

    def value(self, name):
        return self.scope[name]

    def evaluate(self, sheet):
        for name in sheet.order():
            cell = sheet.cells[name]
            self.bind(name, OPS[cell.op](self.value(cell.left), self.value(cell.right)) % 1_000_003)
        return self.scope


def random_sheet(count, rng):
    names = [f"in{n}" for n in range(20)]
    for n in range(count):
        name = f"c{n:05d}"
        yield Cell(name, rng.choice(sorted(OPS)), rng.choice(names), rng.choice(names))
        names.append(name)


def main():
    rng = random.Random(49)
    sheet = Sheet(random_sheet(9_000, rng))
    scope = Evaluator({f"in{n}": n * n + 1 for n in range(20)}).evaluate(sheet)
    print(len(scope), sum(scope.values()), scope["c08999"])


if __name__ == "__main__":
    main()
