"""Pulls headings and link counts out of untidy HTML."""
import collections
import random

import html5lib

WORDS = "harbour lantern granite meadow copper violet thicket ember willow quarry".split()


def untidy(serial, rng):
    parts = [f"<title>Page {serial}</title><body class=main>"]
    for section in range(rng.randint(60, 140)):
        parts.append(f"<h2 id=s{section}>{rng.choice(WORDS)} {section}<p>")
        for _ in range(rng.randint(2, 5)):
            parts.append(f"<a href='/{rng.choice(WORDS)}/{serial}'>{rng.choice(WORDS)}</a> <b>and <i>so</b> on</i><br>")
        parts.append("<ul><li>one<li>two<li>three</ul>")
    return "".join(parts)


def text_of(node):
    return "".join(c.data for c in node.childNodes if c.nodeType == c.TEXT_NODE)


class Extractor:
    def __init__(self):
        self.parser = html5lib.HTMLParser(tree=html5lib.getTreeBuilder("dom"), namespaceHTMLElements=False)
        self.headings = collections.Counter()
        self.links = 0

    def process(self, source):
        document = self.parser.parse(source)
        title = text_of(document.getElementsByTagName("title")[0])
        for heading in document.getElementsByTagName("h2"):
            self.headings[text_of(heading).split()[0]] += 1
        anchors = document.getElementsByTagName("a")
        self.links += len(anchors)
        return title, len(anchors)


def main():
    rng = random.Random(44)
    extractor = Extractor()
    richest = ("", 0)
    for serial in range(13):
        found = extractor.process(untidy(serial, rng))
        if found[1] > richest[1]:
            richest = found
    print(richest, extractor.links)
    print(extractor.headings.most_common(4))


if __name__ == "__main__":
    main()
