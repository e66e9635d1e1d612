# text of many parts, as it should be
# forbid: grow-copy chunk leak
# may: release-early
import io

parts = []
for i in range(100_000):
    parts.append("<td>%d</td>" % i)
text = "".join(parts)
out = io.StringIO()
for i in range(100_000):
    out.write("%d," % i)


def numbers(n):
    local = ""
    for i in range(n):
        local += "x%d" % i
    return local


local = numbers(50_000)
print(len(text), len(out.getvalue()), len(local))
