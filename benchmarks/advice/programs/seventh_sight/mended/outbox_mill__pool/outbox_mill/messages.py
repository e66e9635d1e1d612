from dataclasses import dataclass, field

from jinja2 import Template

BODIES = {
    "welcome": "Dear {{ name }},\n{% for p in parts %}{{ loop.index }}. {{ p|upper }}\n{% endfor %}Code {{ code }}",
    "overdue": "{{ name }}: {% if days > 20 %}FINAL {% endif %}notice, {{ days }} days\n{% for p in parts %}- {{ p }}\n{% endfor %}{{ note }}",
}


TEMPLATES = {kind: Template(text) for kind, text in BODIES.items()}


@dataclass
class Message:
    kind: str
    to: str
    context: dict = field(default_factory=dict)

    def body(self):
        return TEMPLATES[self.kind].render(name=self.to, **self.context)
