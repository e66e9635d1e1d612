"""A report that grows by copies, in an attribute."""


class Report:
    def __init__(self) -> None:
        self.text = ""

    def line(self, value: int) -> None:
        self.text += f"{value:>40}\n"  # advise: grow-copy


report = Report()
for number in range(9000):
    report.line(number)
print(len(report.text))
