import random

import sqlglot
from sqlglot import exp

SHAPES = [
    "select a.name, sum(b.amount) as total from people a join orders b on a.id = b.person "
    "where b.placed > {n} and a.region = '{w}' group by a.name having sum(b.amount) > {m}",
    "select * from stock where sku = '{w}{n}' or (shelf between {m} and {n} and not held)",
    "update stock set shelf = {n}, held = false where sku in ('{w}', '{w}{m}')",
    "delete from sessions where token = '{w}-{n}'",
    "select case when x > {n} then '{w}' else y end from t order by x limit {m}",
]


class Reviewer:
    def __init__(self, dialect):
        self.dialect = dialect
        self.trees = {}
        self.alarms = 0
        self.touched = {}

    def tree(self, text):
        if text not in self.trees:
            self.trees[text] = sqlglot.parse_one(text, read=self.dialect)
        return self.trees[text]

    def review(self, text):
        tree = self.tree(text)
        for table in tree.find_all(exp.Table):
            self.touched[table.name] = self.touched.get(table.name, 0) + 1
        if tree.find(exp.Star) or isinstance(tree, exp.Delete):
            self.alarms += 1
            return "warn"
        return "pass"


def submissions(count):
    rng = random.Random(2)
    for serial in range(count):
        shape = SHAPES[serial % len(SHAPES)]
        yield shape.format(n=rng.randint(10**6, 10**7), m=rng.randint(1, 900), w=rng.choice("EFGH") + str(serial))


def main():
    reviewer = Reviewer("postgres")
    verdicts = {"pass": 0, "warn": 0}
    for text in submissions(3500):
        verdicts[reviewer.review(text)] += 1
    print(verdicts, reviewer.alarms, sorted(reviewer.touched.items()))


if __name__ == "__main__":
    main()
