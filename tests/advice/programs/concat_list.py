class Collector:
    def __init__(self):
        self.items = []

    def add(self, x):
        self.items = self.items + [x]  # advise: grow-copy


c = Collector()
for i in range(5000):
    c.add(i)
print(len(c.items))
