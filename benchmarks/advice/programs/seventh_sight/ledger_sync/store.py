class Projection:
    def __init__(self, reducer):
        self.reducer = reducer
        self.accounts = {}
        self.handled = 0

    def handle(self, event):
        name = event.account
        state = self.accounts.get(name)
        if state is None:
            state = self.reducer.initial(name)
        self.accounts[name] = self.reducer.apply(event, state)
        self.handled += 1

    def statement(self, name):
        running = 0
        checksum = 0
        for ref, amount in self.accounts[name].postings:
            running += amount
            checksum = (checksum * 31 + running + ref) % 1_000_003
        return running, checksum
