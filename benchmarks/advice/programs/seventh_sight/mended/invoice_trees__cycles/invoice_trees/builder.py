from .nodes import Node


class InvoiceBuilder:
    def __init__(self, rng):
        self.rng = rng
        self.stamp = "-" * 300

    def build(self, number):
        root = Node("invoice")
        head = root.add("head", f"INV-{number:06d}")
        head.add("buyer", f"buyer {self.rng.randrange(500)}")
        root.attachment = bytes([number % 251]) * (120_000 + number % 7 * 4000)
        body = root.add("body")
        for line in range(self.rng.randint(3, 9)):
            item = body.add("line", f"item {self.rng.randrange(90)}")
            item.add("price", str(self.rng.randint(100, 9_000)))
            item.add("remark", f"{line}{self.stamp}")
        return root
