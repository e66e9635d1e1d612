"""Renders pages with a template engine."""

# forbid: pool grow-copy leak chunk
import jinja2

page = jinja2.Template("<ul>{% for item in items %}<li>{{ item|e }}</li>{% endfor %}</ul>")
total = 0
for n in range(400):
    total += len(page.render(items=[f"<item {n} {i}>" for i in range(100)]))
print(total)
