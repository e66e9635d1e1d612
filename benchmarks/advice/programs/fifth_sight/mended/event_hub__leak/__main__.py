import random

from accounting import Accounting
from hub import Hub
from session import Session

PHRASES = ["good morning", "the build is green again", "can you look at ticket 4711 please",
           "lunch?", "deploying now, hold your merges"]


def conversation(rng, session, peers):
    for _ in range(rng.randrange(40, 120)):
        author = rng.choice((session.user, rng.choice(peers)))
        session.hub.publish(session.topic, author, rng.choice(PHRASES))


def serve(hub, sessions, seed=70):
    rng = random.Random(seed)
    users = [f"user{n:02d}" for n in range(30)]
    for number in range(sessions):
        session = Session(hub, rng.choice(users), number)
        conversation(rng, session, users)
        session.close()


def main():
    hub = Hub()
    books = Accounting(hub)
    serve(hub, sessions=7000)
    print("published", hub.published, "unread", books.unread, f"mix {books.mix:08x}")
    print(books.volume.most_common(3))


if __name__ == "__main__":
    main()
