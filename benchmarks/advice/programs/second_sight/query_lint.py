"""Lints a set of SQL queries with sqlglot."""
from collections import defaultdict

import sqlglot
from sqlglot import exp


def queries(count):
    for k in range(count):
        yield (
            f"SELECT a.c{k % 9}, SUM(b.v{k % 4}) AS total FROM t{k % 20} AS a "
            f"JOIN u{k % 6} AS b ON a.id = b.id WHERE b.day > {k % 30} GROUP BY a.c{k % 9}"
        )


RULES = []


def rule(function):
    RULES.append(function)
    return function


@rule
def no_late_days(trees):
    return sum(1 for tree in trees for found in tree.find_all(exp.GT) if int(found.expression.name) > 25)


@rule
def same_table_often(trees):
    users = defaultdict(list)
    for number, tree in enumerate(trees):
        for table in tree.find_all(exp.Table):
            users[table.name].append(number)
    return max(len(numbers) for numbers in users.values())


@rule
def near_copies(trees):
    shapes = defaultdict(int)
    for tree in trees:
        shapes[tuple(sorted(column.name for column in tree.find_all(exp.Column)))] += 1
    return len(shapes)


@rule
def unaggregated(trees):
    return sum(1 for tree in trees if not tree.find(exp.Sum))


def main():
    trees = [sqlglot.parse_one(query) for query in queries(500)]
    for check in RULES:
        print(check.__name__, check(trees))
    print(len(trees[7].sql()))


if __name__ == "__main__":
    main()
