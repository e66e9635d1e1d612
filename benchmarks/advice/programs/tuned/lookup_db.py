# opens an in-memory database for each question
import sqlite3


def ask(question):
    db = sqlite3.connect(":memory:")  # advise: pool
    try:
        (answer,) = db.execute("select length(?)", (question,)).fetchone()
        return answer
    finally:
        db.close()


def main():
    total = 0
    for i in range(8000):
        total += ask("question %d" % i)
    print(total)


main()
