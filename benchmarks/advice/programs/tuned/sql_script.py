# builds one long migration script out of parsed statements
import sqlglot


class Migration:
    script = ""

    def add(self, text):
        self.script = self.script + text + ";\n"  # advise: grow-copy


def build(n):
    m = Migration()
    stmt = sqlglot.parse_one("insert into t (a, b) values (1, 2)").sql()
    for i in range(n):
        m.add("%s -- %d" % (stmt, i))
    return m.script


if __name__ == "__main__":
    print(len(build(15_000)))
