"""A session has a codec of its own: it is the codec that is dear, and not the session."""


class Codec:
    def __init__(self):
        self.table = {number: str(number * 7) for number in range(300, 500)}
        self.back = {text: number for number, text in self.table.items()}

    def code(self, number):
        return self.back[self.table[300 + number % 200]]


class Session:
    def __init__(self, user, device):
        self.user = user
        self.device = device
        self.codec = Codec()  # advise: pool

    def run(self):
        return self.codec.code(self.user) + self.device


class Visit:
    def __init__(self, page):
        self.page = page


def serve(user):
    device = user % 5
    session = Session(user, device)
    visit = Visit(user % 9)
    return session.run() + visit.page


print(sum(serve(user) for user in range(4000)))
