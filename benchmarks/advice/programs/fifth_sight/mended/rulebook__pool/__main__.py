from engine import Engine
from source import CATALOG, transactions


def main():
    engine = Engine(CATALOG, threshold=85)
    flagged = list(engine.flagged(transactions(6000)))
    print(len(flagged), "flagged; last", flagged[-1])
    for rule in engine.rules:
        print(f"{rule.name:8s} {rule.hits}")
    print("mean score", engine.mean_score())


if __name__ == "__main__":
    main()
