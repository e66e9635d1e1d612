"""Parses and writes statements with a library."""

# forbid: pool compact leak release-early gc-pressure
import sqlglot

done = set()
for n in range(150):
    tree = sqlglot.parse_one(f"select a, b + {n} from t join u on t.id = u.id where c > {n}")
    done.add(tree.sql(dialect="duckdb"))
print(len(done))
