# one in-memory database answers all questions
import sqlite3

DB = sqlite3.connect(":memory:")


def ask(question):
    (answer,) = DB.execute("select length(?)", (question,)).fetchone()
    return answer


def main():
    total = 0
    for i in range(8000):
        total += ask("question %d" % i)
    print(total)


main()
