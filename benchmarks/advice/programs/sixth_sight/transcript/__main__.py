from render import Transcript
from story import Dialogue


def main():
    dialogue = Dialogue(seed=12, speakers=["Anna", "Bo", "Cem", "Dita"])
    transcript = Transcript("Hearing of the water board")
    for turn in dialogue.turns(6_000):
        transcript.say(turn)
    transcript.close()
    print(transcript.summary())


if __name__ == "__main__":
    main()
