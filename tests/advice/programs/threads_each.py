"""A thread for each request: what was started once cannot be started again."""

import threading


def work(answers, number):
    answers.append(number % 7)


def handle(number):
    answers = []
    thread = threading.Thread(target=work, args=(answers, number))
    thread.start()
    thread.join()
    return answers[0]


def main():
    print(sum(handle(number) for number in range(1_500)))


main()
