"""Instances with one attribute each, by the ten thousand."""


class Word:
    def __init__(self, text):
        self.text = text


def load(count):
    return [Word(str(number)) for number in range(count)]  # advise: compact


words = load(120_000)
print(len(words))
