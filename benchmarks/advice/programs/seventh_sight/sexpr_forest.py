import random
import re

TOKEN = re.compile(r"[()]|[^\s()]+")


def read_forest(text):
    forest = []
    stack = [forest]
    for token in TOKEN.findall(text):
        if token == "(":
            node = []
            stack[-1].append(node)
            stack.append(node)
        elif token == ")":
            stack.pop()
        else:
            stack[-1].append(token if token.isalpha() else int(token))
    return forest


def chunks(count, seed):
    rng = random.Random(seed)
    for _ in range(count):
        parts = []
        depth = 0
        for _ in range(420):
            move = rng.random()
            if move < 0.52 or depth == 0:
                parts.append("(")
                depth += 1
            elif depth:
                parts.append("f %d )" % (len(parts) % 200))
                depth -= 1
        parts.append(") " * depth)
        yield " ".join(parts)


def depth_of(forest):
    deepest = 0
    level = forest
    while level:
        deepest += 1
        level = [child for node in level for child in node if type(child) is list]
    return deepest


def total(node):
    value = 0
    pending = [node]
    while pending:
        for child in pending.pop():
            if type(child) is list:
                pending.append(child)
            elif type(child) is int:
                value += child
    return value


def prune(forest, limit):
    kept = [tree for tree in forest if total(tree) > limit]
    return kept


def main():
    forest = []
    texts = list(chunks(30, 29))
    for number in range(2600):
        forest.extend(read_forest(texts[number % len(texts)]))
    print(len(forest), depth_of(forest), total(forest))
    print(len(prune(forest, 900)), len(forest[7]))


if __name__ == "__main__":
    main()
