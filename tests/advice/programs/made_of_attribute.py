"""Each recipe is taken apart by an object that is made of its text: nothing of that can be kept."""


class Steps:
    def __init__(self, text):
        self.text = text
        self.place = 0
        self.words = list(self._words())
        self.lengths = {word: str(len(word) * 1000) for word in self.words}

    def _words(self):
        while self.place < len(self.text):
            yield self._next()

    def _next(self):
        start = self.place
        self.place = self.text.index(".", start) + 1
        return self.text[start : self.place]


class Recipe:
    def __init__(self, number):
        self.text = "".join(f"step {number * step}." for step in range(60))

    def longest(self):
        steps = Steps(self.text)
        return max(map(len, steps.lengths))


print(sum(Recipe(number).longest() for number in range(3000)))
