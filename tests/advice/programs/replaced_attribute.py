"""A game that marks the fields it has visited: the map is made anew for each deal."""

FIELDS = 3_000_000


class Table:
    def __init__(self, fields):
        self.fields = fields
        self.visits = 0
        self.shuffle()

    def shuffle(self):
        self.visited = bytearray(self.fields)  # advise: reuse-buffer

    def play(self, number):
        field = number * 7919
        while not self.visited[field % self.fields]:
            self.visited[field % self.fields] = 1
            field = field * 31 + number
            self.visits += 1
            if self.visits % 40 == 0:
                break
        self.shuffle()


table = Table(FIELDS)
for number in range(150):
    table.play(number)
print(table.visits)
