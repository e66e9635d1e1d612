"""Object identifiers in dotted notation."""


def parse(text):
    parts = tuple(int(p) for p in text.split("."))
    if not parts or min(parts) < 0:
        raise ValueError(f"bad oid {text!r}")
    return parts


def render(parts):
    return ".".join(map(str, parts))
