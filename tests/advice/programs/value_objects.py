"""Answers are values: each is made of what the call was given, and checks it; none can be kept."""


class Answer:
    def __init__(self, status, headers):
        self.status = status
        self.headers = [(name.lower(), str(value)) for name, value in headers]
        self.index = {name: [name, value, len(value)] for name, value in self.headers}


def answer(status, headers):
    result = Answer(status=status, headers=headers)
    return result.status + len(result.index)


def handle(number):
    headers = [(f"X-Field-{part}", number * 1000 + part) for part in range(20)]
    return answer(200 + number % 7, headers)


print(sum(handle(number) for number in range(4000)))
