"""A list that one caller goes through and another one has to have whole."""


def entry(number):
    return f"entry {number % 977}", number * 3


def entries(count):
    return [entry(number) for number in range(count)]


def longest(count):
    found = 0
    for name, number in entries(count):
        found = max(found, len(name) + number % 10)
    return found


def middle(count):
    found = entries(count)
    found.sort()
    return found[len(found) // 2]


print(longest(70_000), middle(30_000))
