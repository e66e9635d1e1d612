"""The sheet calls whoever asks it to: its office does so once, and each view, for good."""


class Sheet:
    def __init__(self):
        self.total = 0
        self.watchers = []

    def whenever(self, call):
        self.watchers.append(call)
        return call

    def set(self, value):
        self.total += value
        for call in self.watchers[:3]:
            call(value)


class View:
    def __init__(self, title):
        self.title = title
        self.cells = [0] * 40

    def show(self, value):
        self.cells[value % 40] += value


class Office:
    def __init__(self):
        self.sheet = Sheet()
        self.count = 0
        self.sheet.whenever(self.tally)

    def tally(self, value):
        self.count += 1

    def morning(self, views):
        for number in range(views):
            self.sheet.whenever(View(f"view {number}").show)  # advise: leak
            self.sheet.set(sum(len(str(part)) for part in range(number % 60)))


office = Office()
for day in range(20):
    office.morning(800)
print(office.sheet.total, office.count)
