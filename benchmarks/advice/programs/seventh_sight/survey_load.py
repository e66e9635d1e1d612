import array
import json
import operator
import random


def answers_document(people, questions, seed):
    rng = random.Random(seed)
    parts = []
    for person in range(people):
        values = ",".join(str(rng.randrange(1, 8)) for _ in range(questions))
        remark = "".join(rng.choice("abcdefgh    ") for _ in range(40)) * 10
        parts.append(f'{{"id":{person},"answers":[{values}],"remark":"{remark}"}}')
    return "[" + ",\n".join(parts) + "]"


class Survey:
    def __init__(self, questions):
        self.questions = questions
        self.matrix = array.array("B")
        self.words = 0

    def take(self, record):
        self.matrix.extend(record["answers"])
        self.words += len(record["remark"].split())

    @property
    def people(self):
        return len(self.matrix) // self.questions

    def column(self, question):
        return self.matrix[question::self.questions]


class Design:
    LEVELS = 7

    def __init__(self, survey):
        self.columns = survey.questions * self.LEVELS
        choices = [array.array("d", (float(n == level) for n in range(self.LEVELS))) for level in range(self.LEVELS)]
        self.cells = array.array("d")
        for answer in survey.matrix:
            self.cells.extend(choices[answer - 1])

    def centre(self):
        for column in range(self.columns):
            values = self.cells[column::self.columns]
            mean = sum(values) / len(values)
            self.cells[column::self.columns] = array.array("d", (value - mean for value in values))

    def covariance(self, left, right):
        a, b = self.cells[left::self.columns], self.cells[right::self.columns]
        return sum(map(operator.mul, a, b)) / len(a)


def main():
    text = answers_document(16_000, 24, 6)
    survey = Survey(24)
    print(len(text))
    records = json.loads(text)
    for record in records:
        survey.take(record)
    print(survey.people, survey.words, sum(survey.column(3)))
    design = Design(survey)
    design.centre()
    pairs = [(design.covariance(n, (n * 13 + 5) % design.columns), n) for n in range(0, design.columns, 8)]
    print(len(design.cells), [(n, f"{value:.6f}") for value, n in sorted(pairs)[:3]])


if __name__ == "__main__":
    main()
