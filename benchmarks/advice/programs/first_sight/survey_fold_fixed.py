"""Read survey answers, learn the vocabulary of free-text fields, then fill a co-occurrence matrix."""
import random
from array import array

TOPICS = ["price", "speed", "colour", "noise", "weight", "service", "battery", "screen"]


class Topic:
    """A term with the first place where it was seen."""

    def __init__(self, number, term, where):
        self.number = number
        self.term = term
        self.where = where


class Vocabulary:
    def __init__(self):
        self.by_term = {}

    def see(self, term, where):
        topic = self.by_term.get(term)
        if topic is None:
            topic = self.by_term[term] = Topic(len(self.by_term), term, where)
        return topic

    def settle(self):
        packed = "\n".join(f"{t.term} {t.where[0]} {t.where[1]}" for t in self.by_term.values())
        self.by_term.clear()
        for n, line in enumerate(packed.split("\n")):
            term, person, k = line.split()
            self.by_term[term] = Topic(n, term, (int(person), int(k)))


# may: compact
class Answer:
    def __init__(self, person, fields):
        self.person = person
        self.fields = fields
        self.terms = []


class Survey:
    def __init__(self, seed, vocabulary):
        self.rng = random.Random(seed)
        self.vocabulary = vocabulary
        self.answers = []

    def term(self, person):
        base = self.rng.choice(TOPICS)
        return f"{base}-{int(self.rng.random() ** 3 * person / 40)}"

    def collect(self, people):
        for person in range(people):
            fields = {f"q{k}": str(self.rng.randrange(10**9)) for k in range(8)}
            answer = Answer(person, fields)
            for k in range(6):
                answer.terms.append(self.vocabulary.see(self.term(person), (person, k)).number)
            self.answers.append(answer)

    def scores(self):
        worst = max(self.answers, key=lambda a: (sum(int(v) for v in a.fields.values()), a.person))
        early = sorted(self.answers, key=lambda a: (a.fields["q0"], a.person))[:3]
        return worst.person, [a.person for a in early]

    def pairs(self):
        out = array("I")
        for a in self.answers:
            for x in a.terms:
                for y in a.terms:
                    if x < y:
                        out.append(x << 16 | y)
        return out


def study(people):
    vocabulary = Vocabulary()
    survey = Survey(13, vocabulary)
    survey.collect(people)
    worst, early = survey.scores()
    print("worst", worst, "early", early)
    pairs = survey.pairs()
    del survey
    vocabulary.settle()
    return vocabulary, pairs


def fill(pairs, size):
    matrix = array("I", [0]) * (size * size)
    for p in pairs:
        x, y = p >> 16, p & 0xFFFF
        matrix[x * size + y] += 1
        matrix[y * size + x] += 1
    return matrix


def strongest(matrix, size, n):
    found = []
    for x in range(size):
        row = matrix[x * size:(x + 1) * size]
        top = max(row)
        found.append((top, x, row.index(top)))
    return sorted(found, key=lambda f: (-f[0], f[1]))[:n]


def main():
    vocabulary, pairs = study(36_000)
    size = len(vocabulary.by_term)
    matrix = fill(pairs, size)
    names = [t.term for t in vocabulary.by_term.values()]
    print("terms", size, "pairs", len(pairs))
    for count, x, y in strongest(matrix, size, 5):
        print(names[x], names[y], count)
    late = max(vocabulary.by_term.values(), key=lambda t: t.where)
    print("latest", late.term, late.where)


if __name__ == "__main__":
    main()
