from jinja2 import DictLoader, Environment, StrictUndefined

TEMPLATES = {
    "base.html": """<html><head><title>{% block title %}{% endblock %}</title></head>
<body><nav>{% for link in links %}<a href="/{{ link }}">{{ link|title }}</a>{% endfor %}</nav>
{% block body %}{% endblock %}</body></html>""",
    "quote.html": """{% extends "base.html" %}
{% macro row(line) %}<tr><td>{{ line.product.sku }}</td><td>{{ line.product.title|e }}</td>
<td>{{ line.count }}</td><td>{{ line.total|money }}</td></tr>{% endmacro %}
{% block title %}Quote {{ number }}{% endblock %}
{% block body %}<h1>{{ customer|e }}</h1><table>
{% for line in lines %}{{ row(line) }}{% else %}<tr><td>empty</td></tr>{% endfor %}
</table><p>Net {{ net|money }}</p><p>VAT {{ (net * 0.2)|money }}</p>
{% if weight > 20000 %}<p class="freight">freight {{ weight|kilos }}</p>{% endif %}{% endblock %}""",
}


def money(cents):
    return f"{cents / 100:,.2f}"


def kilos(grams):
    return f"{grams / 1000:.1f} kg"


class PageRenderer:
    links = ("quotes", "orders", "stock")

    def environment(self):
        env = Environment(loader=DictLoader(TEMPLATES), autoescape=False, undefined=StrictUndefined)
        env.filters["money"] = money
        env.filters["kilos"] = kilos
        return env

    def render(self, name, **context):
        template = self.environment().get_template(name)
        return template.render(links=self.links, **context)
