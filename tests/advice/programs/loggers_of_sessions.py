"""A logger of its own for each session, below that of the module."""

import logging

logger = logging.getLogger("desk")


class Session:
    def __init__(self, user):
        self.logger = logger.getChild(f"session-{user}")  # advise: leak
        self.seen = 0

    def look(self):
        self.seen += 1
        self.logger.debug("looked")
        return self.seen


def main():
    looks = 0
    for user in range(25_000):
        looks += Session(user).look()
    print(looks)


main()
