# Shift sheet of a bakery as SQL statements.
import random

import sqlglot

random.seed(5)
BREADS = ["rye", "wheat", "spelt", "corn"]
DAYS = ["mo", "tu", "we", "th", "fr", "sa"]


def quote(name):
    return sqlglot.exp.to_identifier(name, quoted=True).sql()


quoted = {}
for name in BREADS + DAYS + ["sheet"]:
    quoted[name] = quote(name)


def bake(day, bread):
    return "UPDATE %s SET %s = %d WHERE day = %s" % (
        quoted["sheet"], quoted[bread], random.randint(5, 80), quoted[day])


def week():
    out = []
    for day in DAYS:
        for bread in BREADS:
            for shift in range(60):
                out.append(bake(day, bread))
    return out


length = 0
most = 0
for number in range(60):
    statements = week()
    length += sum(map(len, statements))
    most = max(most, max(int(s.split("= ")[1].split(" ")[0]) for s in statements))
print(length, most)
print(statements[-1])
