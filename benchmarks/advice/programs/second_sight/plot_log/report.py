"""What is told of the events."""


def punctuality(events):
    return sum(late < 3 for _, _, _, late in events) / len(events)


def busiest(events, count):
    visits = {}
    for _, _, stop, _ in events:
        visits[stop] = visits.get(stop, 0) + 1
    return sorted(visits.items(), key=lambda item: (-item[1], item[0]))[:count]
