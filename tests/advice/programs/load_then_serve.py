class Index:
    def __init__(self):
        self.words = {}

    def add(self, doc, text):
        for w in text.split():
            self.words.setdefault(w, []).append(doc)

    def find(self, w):
        return self.words.get(w, [])


INDEX = Index()


def load(n):
    for d in range(n):
        INDEX.add(d, f"alpha{d % 1000} beta{d % 777} gamma{d}")


def serve(n):
    hits = 0
    for i in range(n):
        hits += len(INDEX.find(f"beta{i % 900}")) + len(str(i).split("1"))
    return hits


load(15000)
print(serve(200000))
