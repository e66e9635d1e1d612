class UnknownCurrency(LookupError):
    pass


class Converter:
    def __init__(self, pool):
        self.pool = pool

    def convert(self, code, amount):
        connection = self.pool.take()
        row = connection.execute("select value from rate where code = ?", (code,)).fetchone()
        self.pool.give_back(connection)
        if row is None:
            raise UnknownCurrency(code)
        return amount * row[0]
