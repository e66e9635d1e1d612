from dataclasses import dataclass, field


@dataclass
class Rule:
    name: str
    expression: str
    weight: int
    hits: int = field(default=0, compare=False)

    def matches(self, facts):
        code = compile(self.expression, f"<rule {self.name}>", "eval")
        if eval(code, {"__builtins__": {}}, facts):
            self.hits += 1
            return True
        return False
