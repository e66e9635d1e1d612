import random

from mapper import Column, Model


class Rider(Model):
    number = Column("integer primary key")
    name = Column("text")
    team = Column("integer")

    def seconds(self, session):
        return sum(result.seconds for result in session.query(Result, "rider = ?", (self.number,)))


class Stage(Model):
    number = Column("integer primary key")
    km = Column("integer")


class Result(Model):
    ident = Column("integer primary key")
    rider = Column("integer")
    stage = Column("integer")
    seconds = Column("integer")


def seed(session, riders, stages):
    rng = random.Random(11)
    for model in (Rider, Stage, Result):
        session.create(model)
    session.add_all(Rider, (Rider(number=n, name=f"rider {n:03d}", team=n % 9) for n in range(riders)))
    session.add_all(Stage, (Stage(number=n, km=rng.randrange(90, 230)) for n in range(stages)))
    session.add_all(Result, (Result(ident=n, rider=n % riders, stage=n // riders, seconds=rng.randrange(9000, 22000))
                             for n in range(riders * stages)))
    session.db.execute("create index by_rider on result(rider)")
