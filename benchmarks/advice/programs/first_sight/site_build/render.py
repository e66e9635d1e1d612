# forbid: leak
import jinja2

TEMPLATES = {
    "page.html": "{% extends 'base.html' %}{% block body %}<h1>{{ page.head.title }}</h1>"
                 "{% for p in page.body.split('\\n\\n') %}<p>{{ p | e }}</p>{% endfor %}"
                 "{% for t in page.tags %}<a href='/t/{{ t }}'>{{ t }}</a>{% endfor %}{% endblock %}",
    "tag.html": "{% extends 'base.html' %}{% block body %}<h1>{{ tag }}</h1>"
                "{% for n, t in entries %}<li>{{ loop.index }} {{ t }} ({{ n }})</li>{% endfor %}{% endblock %}",
    "base.html": "<html><title>{{ site }}</title>{% block body %}{% endblock %}</html>",
}


class Site:
    def __init__(self, name):
        self.name = name
        self.env = jinja2.Environment(loader=jinja2.DictLoader(TEMPLATES), autoescape=True)
        self.index = {}
        self.written = 0

    def render(self, template, **values):
        self.written += 1
        return self.env.get_template(template).render(site=self.name, **values)

    def page(self, page):
        for tag in page.tags:
            self.index.setdefault(tag, []).append((page.name, page.head["title"]))
        return self.render("page.html", page=page)

    def tag_pages(self):
        for tag in sorted(self.index):
            yield self.render("tag.html", tag=tag, entries=self.index[tag])
