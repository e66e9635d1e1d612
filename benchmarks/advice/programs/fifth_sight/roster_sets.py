"""Course assignment: every course starts from all students and rules strike out most."""
import random


class Student:
    __slots__ = ("number", "year", "credits", "majors")

    def __init__(self, number, rng):
        self.number = number
        self.year = rng.randrange(1, 6)
        self.credits = rng.randrange(0, 180)
        self.majors = frozenset(rng.sample(range(12), 2))


class Course:
    def __init__(self, number, rng):
        self.number = number
        self.min_year = rng.randrange(2, 5)
        self.min_credits = rng.randrange(40, 120)
        self.major = rng.randrange(12)
        self.eligible = None

    def rules(self):
        yield lambda s: s.year >= self.min_year
        yield lambda s: s.credits >= self.min_credits
        yield lambda s: self.major in s.majors


class Registrar:
    def __init__(self, students, courses):
        self.students = students
        self.courses = courses

    def open_enrolment(self):
        for course in self.courses:
            candidates = set(self.students)
            for rule in course.rules():
                rejected = [s for s in candidates if not rule(s)]
                candidates.difference_update(rejected)
            course.eligible = candidates

    def assign(self, seats):
        taken = {}
        for course in sorted(self.courses, key=lambda c: (len(c.eligible), c.number)):
            ranked = sorted(course.eligible, key=lambda s: (-s.credits, s.number))
            for student in ranked:
                if taken.get(student.number, 0) < 4:
                    taken[student.number] = taken.get(student.number, 0) + 1
                    seats -= 1
        return taken, seats


def main():
    rng = random.Random(17)
    students = [Student(i, rng) for i in range(2600)]
    courses = [Course(i, rng) for i in range(640)]
    registrar = Registrar(students, courses)
    registrar.open_enrolment()
    sizes = [len(c.eligible) for c in courses]
    print("eligible", min(sizes), max(sizes), sum(sizes))
    taken, left = registrar.assign(seats=12000)
    print("placed", len(taken), "left", left)


if __name__ == "__main__":
    main()
