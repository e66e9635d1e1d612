"""A cache without bound, by request."""

import hashlib

_CACHE = {}


def render(user):
    page = [hashlib.sha256(f"{user}/{part}".encode()).hexdigest() for part in range(8)]
    return "\n".join(page)


def handle(user):
    if user not in _CACHE:
        page = render(user)
        _CACHE[user] = page  # advise: leak
    return len(_CACHE[user])


def serve(requests):
    total = 0
    for number in range(requests):
        scratch = [str(number + step) for step in range(100)]
        total += handle(number * 7919 % 1_000_003) + len("".join(scratch))
    return total


if __name__ == "__main__":
    print(serve(12_000))
