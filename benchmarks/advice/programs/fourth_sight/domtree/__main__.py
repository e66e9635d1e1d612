from collections import Counter

from build import build


def heaviest(root, tag):
    best = None
    for node in root.walk():
        if node.tag == tag and node.parent is not None:
            total = node.weight + node.parent.weight
            if best is None or total > best[0]:
                best = total, node
    return best


def main():
    page = build(seed=31, breadth=8, depth=6)
    for tag in ("li", "td", "p", "ul", "span", "tr", "div", "table"):
        total, node = heaviest(page, tag)
        print(tag, total, node.path())
    ancestors = Counter()
    for node in page.walk():
        up = node.parent
        while up is not None:
            ancestors[up.tag] += 1
            up = up.parent
    print(ancestors.most_common(3), sum(n.weight for n in page.walk()))


if __name__ == "__main__":
    main()
