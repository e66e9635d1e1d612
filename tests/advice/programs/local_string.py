"""A local string grows in place: nothing to advise."""


def build(count):
    text = ""
    for number in range(count):
        text += "number and more\n"
    return text


print(len(build(300_000)))
