import sqlite3


class Column:
    def __init__(self, kind):
        self.kind = kind


class Model:
    table = ""
    columns = ()

    def __init_subclass__(cls):
        cls.table = cls.__name__.lower()
        cls.columns = tuple(n for n, c in vars(cls).items() if isinstance(c, Column))
        cls.kinds = tuple(vars(cls)[n].kind for n in cls.columns)

    def __init__(self, **values):
        for name in self.columns:
            setattr(self, name, values[name])


class Session:
    """Identity map on top of sqlite: one object for each row."""

    def __init__(self, path):
        self.db = sqlite3.connect(path, cached_statements=64)
        self.known = {}

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.db.close()

    def create(self, model):
        spec = ", ".join(f"{n} {k}" for n, k in zip(model.columns, model.kinds))
        self.db.execute(f"create table {model.table}({spec})")

    def add_all(self, model, objects):
        marks = ",".join("?" * len(model.columns))
        self.db.executemany(f"insert into {model.table} values({marks})",
                            (tuple(getattr(o, n) for n in model.columns) for o in objects))

    def query(self, model, where="1", args=()):
        found = []
        sql = f"select {', '.join(model.columns)} from {model.table} where {where}"
        for row in self.db.execute(sql, args):
            key = (model, row[0])
            if key not in self.known:
                self.known[key] = model(**dict(zip(model.columns, row)))
            found.append(self.known[key])
        return found
