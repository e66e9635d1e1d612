import random
from collections import namedtuple

Call = namedtuple("Call", "verb ident text")


class Ticket:
    __slots__ = ("ident", "state", "notes", "opened")

    def __init__(self, ident, opened, text):
        self.ident = ident
        self.opened = opened
        self.state = "open"
        self.notes = [text]


class Desk:
    def __init__(self):
        self.tickets = {}
        self.now = 0
        self.closed = 0
        self.waited = 0
        self.routes = {"open": self.on_open, "note": self.on_note, "close": self.on_close}

    def handle(self, call):
        self.now += 1
        return self.routes[call.verb](call)

    def on_open(self, call):
        self.tickets[call.ident] = Ticket(call.ident, self.now, call.text)
        return "201"

    def on_note(self, call):
        ticket = self.tickets.get(call.ident)
        if ticket is None:
            return "404"
        ticket.notes.append(call.text)
        return "200"

    def on_close(self, call):
        ticket = self.tickets[call.ident]
        ticket.state = "closed"
        self.closed += 1
        self.waited += self.now - ticket.opened
        return "%d" % (200 + len(ticket.notes) % 2)


def calls(count, rng):
    current = []
    ident = 0
    for _ in range(count):
        dice = rng.random()
        if dice < 0.34 or not current:
            ident += 1
            current.append(ident)
            yield Call("open", ident, "caller %d says %s" % (ident, rng.randbytes(120).hex()))
        elif dice < 0.67 or len(current) < 50:
            yield Call("note", rng.choice(current), "note %s" % rng.randbytes(90).hex())
        else:
            yield Call("close", current.pop(rng.randrange(len(current))), "")


def main():
    desk = Desk()
    codes = {}
    for call in calls(220000, random.Random(31)):
        code = desk.handle(call)
        codes[code] = codes.get(code, 0) + 1
    print(sorted(codes.items()))
    print("closed", desk.closed, "mean wait", desk.waited // desk.closed)


if __name__ == "__main__":
    main()
