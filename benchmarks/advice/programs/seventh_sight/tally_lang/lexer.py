import re

TOKEN = re.compile(r"\s*(?:(\d+)|([A-Za-z_]\w*)|(.))")
KEYWORDS = {"let", "set", "emit"}


def tokens(line):
    for number, word, mark in TOKEN.findall(line):
        if number:
            yield ("num", int(number))
        elif word:
            yield ("kw", word) if word in KEYWORDS else ("name", word)
        elif mark.strip():
            yield ("op", mark)
    yield ("end", None)
