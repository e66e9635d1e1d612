class UnknownCurrency(LookupError):
    pass


class Converter:
    def __init__(self, pool):
        self.pool = pool

    def convert(self, code, amount):
        connection = self.pool.take()
        row = connection.execute("select value from rate where code = ?", (code,)).fetchone()
        if row is None:
            raise UnknownCurrency(code)
        value = amount * row[0]
        self.pool.give_back(connection)
        return value
