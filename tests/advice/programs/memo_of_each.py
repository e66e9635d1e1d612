"""A decorator remembers each answer of a function that is never asked the same again."""


def remembering(function):
    answers = {}

    def asked(*question):
        if question not in answers:
            answers[question] = function(*question)  # advise: leak
        return answers[question]

    return asked


@remembering
def ballistic_path(angle, speed):
    path = []
    for step in range(60):
        path.append(step * angle * 0.01 - step * step / speed)
    return path


def main():
    highest = 0.0
    for number in range(14_000):
        for _ in range(3):
            path = ballistic_path(number * 0.01, 100.0 + number)
            highest = max(highest, path[number % 60])
    print(round(highest, 3))


main()
