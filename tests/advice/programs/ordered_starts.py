"""Numbers in a list that is sorted by something else: an array could not be."""


def order(text):
    starts = list(range(1_000, 90_000))
    starts.sort(key=lambda start: text[start % 700 : start % 700 + 9])
    return starts


print(sum(order("".join(chr(97 + number * 7 % 26) for number in range(800)))[::1000]))
