"""A desk and its form are made anew of constants for each letter; filling it in differs."""


class Form:
    def __init__(self, text):
        self.parts = [part.split(":") for part in text.split(";")]
        self.table = {part[0]: list(part[1]) for part in self.parts}

    def filled(self, name):
        return "".join("".join(letters) for letters in self.table.values()) + name


class Desk:
    def __init__(self):
        self.forms = {}

    def form(self, text):
        if text not in self.forms:
            self.forms[text] = Form(text)
        return self.forms[text]


TEXT = ";".join(f"field {number}:value {number}" for number in range(60))


def letter(name):
    desk = Desk()  # advise: pool
    form = desk.form(TEXT)
    return form.filled(name)


class Press:
    def __init__(self, kept):
        self.desk = kept

    def print(self, name):
        return self.desk.form(TEXT).filled(name)


print(max(len(letter(str(number))) for number in range(1500)))
press = Press(Desk())
print(max(len(press.print(str(number))) for number in range(1500)))
