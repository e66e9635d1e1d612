from dataclasses import dataclass, field


@dataclass
class Rule:
    name: str
    expression: str
    weight: int
    hits: int = field(default=0, compare=False)

    def __post_init__(self):
        self.code = compile(self.expression, f"<rule {self.name}>", "eval")

    def matches(self, facts):
        if eval(self.code, {"__builtins__": {}}, facts):
            self.hits += 1
            return True
        return False
