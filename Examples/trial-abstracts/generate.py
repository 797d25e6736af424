#!/usr/bin/env python3
"""Writes train.jsonl, dev.jsonl and test.jsonl: short conclusions of invented clinical trials.

Each text has one sentence that says how an outcome moved, and one to three others that do not. The
label is the outcome's direction; the rationale is the phrase that states it, in whitespace words.
Every name, number and finding is made up. The same seed gives the same files on every machine:

    python3 Examples/trial-abstracts/generate.py
"""

import json
import pathlib
import random

SEED = 7
SIZES = {"train": 900, "dev": 150, "test": 150}
DECREASED = "significantly decreased"
INCREASED = "significantly increased"
UNCHANGED = "no significant difference"
LABELS = (DECREASED, INCREASED, UNCHANGED)

TREATMENTS = """
ormavane|belquidor|quavelin|dostrivane|zanthorine|kelvodan|fendolase|torvaquil|nubrexane|palvorin
iskadrol|wembutide|the Tidemark walking plan|the Stillwater breathing course
the Almond Row cooking class|the Fernhill sleep course|the Quayside balance training
""".replace("\n", "|").strip("|").split("|")

CONTROLS = ["placebo", "usual care", "a waiting list", "standard treatment", "a sham device"]

# An outcome, its unit, and the range of its values.
OUTCOMES = [
    ("pain score", "points", 20, 80),
    ("fasting glucose", "mg/dl", 90, 180),
    ("resting heart rate", "beats per minute", 58, 96),
    ("walking distance", "metres", 180, 460),
    ("sleep time", "minutes", 280, 460),
    ("grip strength", "kg", 12, 44),
    ("length of stay", "hours", 30, 120),
    ("daily step count", "steps", 2000, 9000),
    ("anxiety score", "points", 8, 40),
    ("systolic pressure", "mm Hg", 112, 164),
    ("joint stiffness", "points", 10, 60),
    ("reading speed", "words per minute", 90, 240),
    ("wound area", "square mm", 40, 300),
    ("night cough", "episodes", 4, 30),
    ("mood rating", "points", 15, 70),
    ("body weight", "kg", 58, 110),
    ("lung volume", "ml", 1800, 4200),
    ("fatigue score", "points", 10, 52),
    ("tear production", "mm", 4, 22),
    ("caffeine intake", "mg", 80, 420),
]

# {o} outcome, {t} treatment, {c} control, {low} and {high} values, {d} their distance, {u} unit,
# {p} p-value, {w} weeks. Brackets mark the rationale.
EVIDENCE = {
    DECREASED: [
        "{o} [fell by {d} {u}] with {t} (p={p}).",
        "{o} [was significantly lower] with {t} than with {c} ({low} versus {high} {u}).",
        "Patients given {t} showed [a marked drop] in {o} against {c} (p={p}).",
        "Against {c}, {t} [reduced {o}] from {high} to {low} {u}.",
        "After {w} weeks of {t}, {o} [had dropped] from {high} to {low} {u}.",
        "Compared with {c}, {t} [lowered {o}] by {d} {u} (p={p}).",
        "[A decline of {d} {u}] in {o} followed {t} but not {c} (p={p}).",
        "We found [a smaller {o}] in those who had {t} than in those who had {c} (p={p}).",
        "Under {t}, {o} [went down] by {d} {u}, while {c} left it as it was.",
        "{t} [led to a lower {o}] than {c} at week {w} (p={p}).",
        "{o} [significantly decreased] in the {t} arm, to {low} {u}.",
        "At the last visit {o} [stood below] that of {c} for people on {t} (p={p}).",
    ],
    INCREASED: [
        "{o} [rose by {d} {u}] with {t} (p={p}).",
        "{o} [was significantly higher] with {t} than with {c} ({high} versus {low} {u}).",
        "Patients given {t} showed [a marked rise] in {o} against {c} (p={p}).",
        "Against {c}, {t} [increased {o}] from {low} to {high} {u}.",
        "After {w} weeks of {t}, {o} [had climbed] from {low} to {high} {u}.",
        "Compared with {c}, {t} [raised {o}] by {d} {u} (p={p}).",
        "[A gain of {d} {u}] in {o} followed {t} but not {c} (p={p}).",
        "We found [a larger {o}] in those who had {t} than in those who had {c} (p={p}).",
        "Under {t}, {o} [went up] by {d} {u}, while {c} left it as it was.",
        "{t} [led to a higher {o}] than {c} at week {w} (p={p}).",
        "{o} [significantly increased] in the {t} arm, to {high} {u}.",
        "At the last visit {o} [stood above] that of {c} for people on {t} (p={p}).",
    ],
    UNCHANGED: [
        "{o} [did not differ] between {t} and {c} (p={p}).",
        "{o} [was much the same] with {t} as with {c} ({low} versus {near} {u}).",
        "Patients given {t} showed [no change] in {o} against {c} (p={p}).",
        "Against {c}, {t} [had no effect on {o}], which ended at {low} {u}.",
        "After {w} weeks of {t}, {o} [was unchanged] at {low} {u}.",
        "Compared with {c}, {t} [neither raised nor lowered {o}] (p={p}).",
        "[No significant difference] in {o} was found between {t} and {c} (p={p}).",
        "We found [an equal {o}] in those who had {t} and in those who had {c} (p={p}).",
        "Under {t}, {o} [stayed level], as it did with {c}.",
        "{t} [failed to alter {o}] at week {w} (p={p}).",
        "{o} [was similar in both arms], at {low} {u} with {t} and {near} {u} with {c}.",
        "At the last visit {o} [matched] that of {c} for people on {t} (p={p}).",
    ],
}

# Sentences that say nothing of the outcome's direction. {n} people, {w} weeks, {a} an age, {s}
# sites, {k} a few. Some use the telling words for something else, as real abstracts do.
BEFORE = [
    "Few treatments have been tested in people who live with this condition at home.",
    "How best to care for these patients after they leave the hospital is not known.",
    "This trial enrolled {n} adults at {s} clinics and followed them for {w} weeks.",
    "We asked whether {t} would help people who had not been helped before.",
    "The mean age was {a} years, and about half of the {n} people were women.",
    "Between two spring seasons, {n} volunteers were assigned at random to {t} or {c}.",
    "Interest in {t} has grown since a small study was published in the region.",
    "The dose was increased once, after {k} weeks, as the protocol had planned.",
    "Family doctors referred {n} people, of whom {k} withdrew before the first visit.",
    "Nurses who did not know the assignment measured everyone at {s} sites.",
    "Earlier work had used lower doses and had been too short to be of use.",
    "Patients kept a diary for {w} weeks and met the study team {k} times.",
]
AFTER = [
    "Headache was the most common complaint and was reported by {k} people.",
    "No deaths occurred, and {k} people left the study because they had moved away.",
    "Most of the {n} participants said that they would take part again.",
    "Larger trials that follow people for more than {w} weeks are under way.",
    "Side effects were mild and passed within {k} days without further care.",
    "The cost of {t} was not part of this analysis and will be reported later.",
    "These results may not apply to children or to people above {a} years of age.",
    "Blood samples of {n} people are stored and will be read by a second laboratory.",
    "Adherence was checked by counting what was returned at each of {k} visits.",
    "The findings were presented to a panel of patients, who helped to write this text.",
    "A rash was seen in {k} people and cleared up once the treatment had ended.",
    "The trial was stopped after {w} weeks, as planned, with all {s} sites open.",
]


class Draws:
    """Random draws by `random()` alone, whose stream Python promises to keep between versions."""

    def __init__(self, seed):
        self.random = random.Random(seed).random

    def below(self, count):
        return int(self.random() * count)

    def between(self, low, high):
        return low + self.below(high - low + 1)

    def pick(self, items):
        return items[self.below(len(items))]

    def sample(self, items, count):
        items = list(items)
        return [items.pop(self.below(len(items))) for _ in range(count)]


def split_of(template, outcome):
    """A pairing of phrase and outcome belongs to one split, so that no test row repeats one."""
    return {0: "dev", 1: "test"}.get((template + 3 * outcome) % 8, "train")


def evidence(draws, split, label, names):
    """A sentence that states the direction, with its rationale in brackets."""
    choices = [
        (template, outcome)
        for template in range(len(EVIDENCE[label]))
        for outcome in range(len(OUTCOMES))
        if split_of(template, outcome) == split
    ]
    template, outcome = draws.pick(choices)
    name, unit, low, high = OUTCOMES[outcome]
    third = (high - low) // 3
    lower = draws.between(low, low + third)
    higher = draws.between(high - third, high)
    is_clear = label != UNCHANGED
    return EVIDENCE[label][template].format(
        o=name, u=unit, low=lower, high=higher, d=higher - lower,
        near=lower + draws.between(0, 1), w=draws.between(4, 52),
        p=f"0.{draws.between(1, 39):03}" if is_clear else f"0.{draws.between(11, 94)}", **names)


def distractor(draws, sentence, names):
    return sentence.format(
        n=draws.between(40, 900), w=draws.between(4, 52), a=draws.between(34, 78),
        s=draws.between(2, 19), k=draws.between(2, 9), **names)


def capitalized(sentence):
    start = 1 if sentence.startswith("[") else 0
    return sentence[:start] + sentence[start].upper() + sentence[start + 1:]


def unmarked(sentences):
    """The text without brackets, and the ranges of words that they enclosed."""
    words, ranges, start = [], [], 0
    for word in " ".join(sentences).split():
        if "[" in word:
            start = len(words)
        if "]" in word:
            ranges.append([start, len(words) + 1])
        words.append(word.replace("[", "").replace("]", ""))
    return words, ranges


def row(draws, split, label):
    names = {"t": draws.pick(TREATMENTS), "c": draws.pick(CONTROLS)}
    others = draws.between(1, 3)
    before = draws.between(0, others)
    sentences = (
        [distractor(draws, text, names) for text in draws.sample(BEFORE, before)]
        + [evidence(draws, split, label, names)]
        + [distractor(draws, text, names) for text in draws.sample(AFTER, others - before)])
    return unmarked([capitalized(sentence) for sentence in sentences])


def rows(draws, split, count, seen):
    made = []
    while len(made) < count:
        label = LABELS[len(made) % len(LABELS)]
        words, ranges = row(draws, split, label)
        text = " ".join(words)
        if not 30 <= len(words) <= 70 or text in seen:
            continue
        seen.add(text)
        made.append({"text": text, "label": label, "rationale": ranges})
    shuffled = draws.sample(made, count)
    return [{"id": f"{split}-{number}"} | row for number, row in enumerate(shuffled, 1)]


def main():
    folder = pathlib.Path(__file__).parent
    draws, seen = Draws(SEED), set()
    for split, count in SIZES.items():
        lines = [json.dumps(row) + "\n" for row in rows(draws, split, count, seen)]
        (folder / f"{split}.jsonl").write_text("".join(lines), encoding="ascii")


if __name__ == "__main__":
    main()
