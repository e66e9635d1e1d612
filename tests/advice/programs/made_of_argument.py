"""Tones are made of their pitch: one that was kept would have to be computed again."""


class Tone:
    def __init__(self, pitch):
        octave, step = pitch
        base = [(octave * 17 + step * number) % 251 for number in range(120)]
        self.pitch = pitch
        self.wave = [str(value * 3) for value in base]
        self.peaks = {value: place for place, value in enumerate(self.wave)}


def sound(pitch):
    tone = Tone(pitch)
    return len(tone.peaks)


print(sum(sound(divmod(pitch, 12)) for pitch in range(6000)))
