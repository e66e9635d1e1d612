from mapper import Session
from model import Rider, Stage, seed


def main():
    with Session(":memory:") as session:
        seed(session, riders=480, stages=120)
        for rider in session.query(Rider, "team = ?", (3,))[:3]:
            print(rider.number, rider.name, rider.seconds(session))
        ranking = sorted(session.query(Rider), key=lambda r: (r.seconds(session), r.number))
        print("winner", ranking[0].name, "last", ranking[-1].name)
        print("stages", len(session.query(Stage)), "identity map", len(session.known))


if __name__ == "__main__":
    main()
