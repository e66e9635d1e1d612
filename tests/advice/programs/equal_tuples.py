"""Members who have the rights of their team, each in a tuple of its own."""

import time

RIGHTS = ["read", "write", "share", "audit", "export", "purge", "sign", "approve"]


class Member:
    __slots__ = ("rights", "team")

    def __init__(self, team, rights):
        self.team = team
        self.rights = rights


class Directory:
    def __init__(self):
        self.members = []
        self.teams = [RIGHTS[: 3 + number % 5] for number in range(20)]

    def enrol(self, count):
        for number in range(count):
            rights = tuple(sorted(self.teams[number % 20]))  # advise: duplicates
            self.members.append(Member(number % 20, rights))

    def holders(self, right):
        return sum(right in [name for name in it.rights if name != "lock"] for it in self.members)


def main():
    directory = Directory()
    directory.enrol(120_000)
    for right in RIGHTS:
        print(right, directory.holders(right))
    for turn in range(100):  # for two seconds, so that memscope comes to ask
        time.sleep(0.02)
        print(turn, [turn] * 40)


main()
