"""A whole package for one value that would be as good made here; and one that does the work."""

import unittest.mock as doubles  # advise: import-cost
import xml.dom.minidom as trees

NOBODY = doubles.sentinel.nobody


def names(count):
    for number in range(count):
        yield NOBODY if number % 50 == 0 else f"name {number}"


def page(name):
    document = trees.Document()
    heading = document.createElement("h1")
    heading.appendChild(document.createTextNode("" if name is NOBODY else name))
    return heading.toxml()


print(max(len(page(name)) for name in names(3000)))
