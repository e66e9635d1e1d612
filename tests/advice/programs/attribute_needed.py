"""Lines in attributes that are needed: one is read again at the end, of another some are kept."""


class Census:
    def __init__(self, text):
        self.entries = text.split("\n")
        self.ages = []

    def tally(self):
        for entry in self.entries:
            if entry:
                self.ages.append(int(entry[-3:]))
        return self

    def entry(self, number):
        return len(self.entries[number])


class Register:
    def __init__(self, text):
        self.sheets = text.split("\n")
        self.names = {}

    def enter(self):
        for number, sheet in enumerate(self.sheets):
            name = sheet.strip()
            self.names[number] = name
        return self


def written(word, count):
    return "".join(f"{word} number {n:>40} aged {n % 100:03}\n" for n in range(count))


def spread(census, register):
    found = {}
    for number, age in enumerate(census.ages):
        found[number] = [age]
    return len(found), max(register.names.values())


def main():
    census = Census(written("person", 60_000)).tally()
    register = Register(written("house", 60_000)).enter()
    print(spread(census, register))
    print(census.entry(5))


main()
