"""Merge message catalogues (.po files) of several components into one and report coverage."""
import os
import random
import sys
import tempfile

WORDS = ("open close save file window error network disk user group print page list item "
         "select remove insert update search replace colour border").split()


def unquote(text):
    text = text.strip()
    if not (text.startswith('"') and text.endswith('"')):
        raise ValueError(f"not a quoted string: {text!r}")
    return text[1:-1].replace('\\"', '"').replace("\\n", "\n")


def parse_po(path):
    """Yield (msgid, msgstr) pairs."""
    key, value, state = "", "", None
    with open(path, encoding="utf-8") as fh:
        for line in fh:
            line = line.rstrip("\n")
            if line.startswith("#") or not line:
                if state == "str":
                    yield key, value
                state = None
            elif line.startswith("msgid "):
                key, state = unquote(line[6:]), "id"
            elif line.startswith("msgstr "):
                value, state = unquote(line[7:]), "str"
            elif state == "id":
                key += unquote(line)
            elif state == "str":
                value += unquote(line)
    if state == "str":
        yield key, value


class Catalogue:
    def __init__(self, language):
        self.language = language
        self.messages = {}
        self.conflicts = 0
        self.missing = 0

    def merge(self, path):
        added = 0
        for msgid, msgstr in parse_po(path):
            if not msgstr:
                self.missing += 1
                continue
            known = self.messages.get(msgid)
            if known is None:
                self.messages[msgid] = msgstr
                added += 1
            elif known != msgstr:
                self.conflicts += 1
        return added

    def longest(self):
        return max(self.messages.items(), key=lambda kv: (len(kv[1]), kv[0]))


def write_component(path, rng, count):
    with open(path, "w", encoding="utf-8") as fh:
        fh.write("# generated\n\n")
        for _ in range(count):
            msgid = " ".join(rng.choices(WORDS, k=rng.randint(2, 5)))
            msgstr = "" if rng.random() < 0.08 else msgid[::-1].title()
            if rng.random() < 0.02:
                msgstr = msgstr.upper()
            fh.write(f'msgid "{msgid}"\nmsgstr "{msgstr}"\n\n')


def main():
    rng = random.Random(2024)
    with tempfile.TemporaryDirectory() as tmp:
        components = []
        for name in ("shell", "mail", "office", "viewer"):
            path = os.path.join(tmp, name + ".po")
            write_component(path, rng, 6000)
            components.append((name, path))
        cat = Catalogue("xx")
        for name, path in components:
            print(f"{name:8s} +{cat.merge(path)}")
    print(f"total {len(cat.messages)} conflicts {cat.conflicts} untranslated {cat.missing}")
    print("longest:", cat.longest()[1])
    return 0


if __name__ == "__main__":
    sys.exit(main())
