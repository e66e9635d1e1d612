# builds one long migration script out of parsed statements
import sqlglot


class Migration:
    def __init__(self):
        self.lines = []

    def add(self, text):
        self.lines.append(text)

    @property
    def script(self):
        return ";\n".join(self.lines) + ";\n"


def build(n):
    m = Migration()
    stmt = sqlglot.parse_one("insert into t (a, b) values (1, 2)").sql()
    for i in range(n):
        m.add("%s -- %d" % (stmt, i))
    return m.script


if __name__ == "__main__":
    print(len(build(15_000)))
