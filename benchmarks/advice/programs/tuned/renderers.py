# borrowed renderers are lost when rendering fails
import jinja2


class Renderer:
    def __init__(self):
        self.scratch = bytearray(9000)
        self.template = TEMPLATE

    def render(self, n):
        if n % 3 == 0:
            raise ValueError(n)
        return self.template.render(n=n)


class RendererPool:
    def __init__(self):
        self.free = []

    def checkout(self):
        if self.free:
            return self.free.pop()
        return Renderer()

    def checkin(self, r):
        self.free.append(r)


TEMPLATE = jinja2.Template("number {{ n }}")
pool = RendererPool()


def page(n):
    r = pool.checkout()  # advise: pool-leak
    try:
        text = r.render(n)
    except ValueError:
        return 0
    pool.checkin(r)
    return len(text)


print(sum(page(n) for n in range(6000)))
