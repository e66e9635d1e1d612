# parses small pages with a library; trees die at once
# forbid: pool leak grow-copy compact release-early
import html5lib

n = 0
for i in range(120):
    tree = html5lib.parse("<p>%d<b>bold</b><ul>%s</ul>" % (i, "<li>x</li>" * 20))
    n += len(list(tree.iter()))
print(n)
