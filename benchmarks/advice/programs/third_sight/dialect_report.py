"""Shows how often statements change when moved between SQL dialects."""
import functools
import random

import sqlglot

FORMS = {
    "limit": "select top {n} name from people order by age",
    "cast": "select cast(age as varchar(20)), len(name) from people where age > {n}",
    "date": "select dateadd(day, {n}, hired) from staff",
    "null": "select isnull(phone, 'none') from staff where room = {n}",
    "window": "select name, row_number() over (partition by dept order by pay desc) as r from staff where pay > {n}",
    "with": "with top_pay as (select max(pay) as p from staff where level = {n}) select * from top_pay",
}
TARGETS = ("postgres", "mysql", "duckdb", "sqlite")


@functools.lru_cache(maxsize=512)
def rendered(kind, n, target):
    return sqlglot.transpile(FORMS[kind].format(n=n), read="tsql", write=target)[0]


def differs(kind, n, target):
    plain = " ".join(FORMS[kind].format(n=n).lower().split())
    return " ".join(rendered(kind, n, target).lower().split()) != plain


def survey(count):
    rng = random.Random(9)
    kinds = sorted(FORMS)
    table = {target: dict.fromkeys(kinds, 0) for target in TARGETS}
    for _ in range(count):
        kind, n = rng.choice(kinds), rng.randint(1, 20)
        for target in TARGETS:
            table[target][kind] += differs(kind, n, target)
    return table


def main():
    table = survey(2500)
    for target, row in table.items():
        print(f"{target:9s}", *(f"{k}={v}" for k, v in row.items()))
    info = rendered.cache_info()
    print("made", info.misses, "kept", info.currsize)


if __name__ == "__main__":
    main()
