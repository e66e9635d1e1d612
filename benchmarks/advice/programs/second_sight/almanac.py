# Prints an almanac of moons and markets.
import io

MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
MARKETS = {"Mon": "cloth", "Wed": "cattle", "Sat": "greens"}
WEEK = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]


def moon(day):
    phase = (day * 1000 // 29530) % 4
    return ["new", "waxing", "full", "waning"][phase]


def page(year, month):
    text = ""
    for day in range(1, 31):
        n = (year * 12 + month) * 30 + day
        weekday = WEEK[n % 7]
        text += "%s %02d %s %d  moon %s" % (weekday, day, MONTHS[month], year, moon(n))
        if weekday in MARKETS:
            text += ", market for " + MARKETS[weekday]
        text += "\n"
    return text


def book(first, last):
    out = io.StringIO()
    for year in range(first, last):
        for month in range(12):
            out.write(page(year, month))
        out.write("\f")
    return out.getvalue()


def index(text):
    found = {}
    at = text.find("full")
    while at >= 0:
        key = text.rfind("\n", 0, at) + 1
        key = text[key:key + 3]
        found[key] = found.get(key, 0) + 1
        at = text.find("full", at + 1)
    return found


almanac = book(1500, 2000)
moons = index(almanac)
print(len(almanac), almanac.count("market"), almanac.count("\f"))
for day in WEEK:
    print(day, moons.get(day, 0))
