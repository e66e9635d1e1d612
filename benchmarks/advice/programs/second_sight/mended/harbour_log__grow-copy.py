# Writes the harbour master's log for a season.
import random

SHIPS = ["Aurora", "Bounty", "Calypso", "Dorade", "Endeavour", "Fram", "Gjoa"]
PIERS = 6

random.seed(4)
report_parts = []
arrivals = 0
tonnage = 0
occupied = [None] * PIERS


def add(line):
    report_parts.append(line)
    report_parts.append("\n")


def arrive(day, ship):
    global arrivals, tonnage
    pier = random.randrange(PIERS)
    load = random.randint(20, 900)
    if occupied[pier]:
        add("%4d  %-10s cast off from pier %d to make room" % (day, occupied[pier], pier))
    occupied[pier] = ship
    arrivals += 1
    tonnage += load
    add("%4d  %-10s made fast at pier %d with %d tonnes of assorted cargo, weather fair, wind %s" % (
        day, ship, pier, load, random.choice(["N", "NE", "E", "SE", "S", "SW", "W", "NW"])))


def season(days, per_day):
    for day in range(days):
        add("-" * 30 + " day %d " % day + "-" * 30)
        for _ in range(per_day):
            arrive(day, random.choice(SHIPS))


def digest(text):
    words = 0
    at = text.find(" ")
    while at >= 0:
        words += 1
        at = text.find(" ", at + 50)
    return words


season(365, 60)
report = "".join(report_parts)
print("arrivals %d, tonnage %d, length %d, digest %d" % (arrivals, tonnage, len(report), digest(report)))
