"""Rank survey answers stored in sqlite by a weighted score."""
import hashlib
import sqlite3


def fill(db, respondents):
    db.execute("create table answer(id integer primary key, district text, age int, mood int, note text)")

    def rows():
        state = 12345
        for n in range(respondents):
            state = (state * 1103515245 + 12345) & 0x7FFFFFFF
            yield n, f"district-{state % 37:02d}", 18 + state % 70, (state >> 8) % 11, f"note {state:x} from {n}"

    db.executemany("insert into answer values(?,?,?,?,?)", rows())
    db.commit()


class Ranking:
    def __init__(self, db):
        self.db = db
        self.scores = {}
        self.digest = hashlib.md5()

    def weigh(self, age, mood):
        return mood * (1.0 if age < 30 else 0.8 if age < 65 else 1.2)

    def collect(self):
        answers = self.db.execute("select district, age, mood, note from answer order by id").fetchall()
        for district, age, mood, note in answers:
            total, count = self.scores.get(district, (0.0, 0))
            self.scores[district] = (total + self.weigh(age, mood), count + 1)
            self.digest.update(note.encode())

    def best(self, k):
        means = {d: t / c for d, (t, c) in self.scores.items()}
        return sorted(means, key=means.get, reverse=True)[:k]


def main():
    db = sqlite3.connect("")
    fill(db, 300_000)
    ranking = Ranking(db)
    ranking.collect()
    print(ranking.best(5), ranking.digest.hexdigest())
    db.close()


main()
