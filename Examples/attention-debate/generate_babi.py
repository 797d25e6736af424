#!/usr/bin/env python3
"""Writes questions about small invented worlds, in the manner of the bAbI tasks 1, 2 and 3.

People walk between rooms, pick things up and put them down, one fact a sentence. A question's text is
all facts of its story so far, joined by " . "; its answer is a room.

  task 1: Where is Mary?                          her last room
  task 2: Where is the milk?                      the room of who has it, or where it was put down
  task 3: Where was the milk before the garden?   the room in which it was before it came there

A story has five questions. Every line of OUTPUT/babi-TASK/train.jsonl and test.jsonl has "text",
"query" and "label". The tasks are those of Weston et al. 2015 ("Towards AI-Complete Question
Answering"); words and sentences are this script's, and the same seed gives the same files:

    python3 Examples/attention-debate/generate_babi.py OUTPUT [TASK …]
"""

import json
import pathlib
import random
import sys

PEOPLE = ["mary", "john", "daniel", "sandra"]
ROOMS = ["bathroom", "bedroom", "kitchen", "office", "hallway", "garden"]
THINGS = ["milk", "football", "apple"]
WALKS = ["moved", "went", "journeyed", "travelled", "went back"]
TAKES = ["got", "grabbed", "took", "picked up"]
DROPS = ["dropped", "discarded", "left", "put down"]
QUESTIONS = 5
SIZES = {"train": 2_000, "test": 200}  # stories


class World:
    """Where everybody and everything is, and where every thing has been."""

    def __init__(self, random):
        self.random = random
        self.facts = []
        self.place = {}  # of people
        self.holder = {}  # of things that somebody has
        self.rooms = {thing: [] for thing in THINGS}  # in which each has been, in order

    def room_of(self, thing):
        return self.rooms[thing][-1] if self.rooms[thing] else None

    def walk(self, person):
        room = self.random.choice([r for r in ROOMS if r != self.place.get(person)])
        self.facts.append(f"{person} {self.random.choice(WALKS)} to the {room}")
        self.place[person] = room
        for thing, holder in self.holder.items():
            if holder == person:
                self.rooms[thing].append(room)

    def handle(self, person):
        """Takes or drops something; returns whether there was something to do."""
        held = [thing for thing, holder in self.holder.items() if holder == person]
        free = [
            thing
            for thing in THINGS
            if thing not in self.holder
            and self.place.get(person) is not None
            and self.room_of(thing) in (None, self.place[person])
        ]
        if held and (not free or self.random.random() < 0.5):
            thing = self.random.choice(held)
            del self.holder[thing]
            self.facts.append(f"{person} {self.random.choice(DROPS)} the {thing}")
            return True
        if not free:
            return False
        thing = self.random.choice(free)
        self.holder[thing] = person
        if self.room_of(thing) is None:
            self.rooms[thing].append(self.place[person])
        self.facts.append(f"{person} {self.random.choice(TAKES)} the {thing} there")
        return True

    def step(self, handles):
        person = self.random.choice(PEOPLE)
        if not (handles and self.random.random() < 0.45 and self.handle(person)):
            self.walk(person)


def question(world, task):
    """A question and its answer; None where nothing can be asked yet."""
    if task == 1:
        person = world.random.choice(sorted(world.place))
        return f"where is {person}", world.place[person]
    if task == 2:
        known = [thing for thing in THINGS if world.rooms[thing]]
        if not known:
            return None
        thing = world.random.choice(known)
        return f"where is the {thing}", world.room_of(thing)
    asked = [
        (thing, index)
        for thing in THINGS
        for index in range(1, len(world.rooms[thing]))
        # The last time that it came there is meant, so that the answer is one.
        if world.rooms[thing][index] not in world.rooms[thing][index + 1 :]
    ]
    if not asked:
        return None
    thing, index = world.random.choice(asked)
    rooms = world.rooms[thing]
    return f"where was the {thing} before the {rooms[index]}", rooms[index - 1]


def story(task, random):
    world = World(random)
    rows = []
    while len(rows) < QUESTIONS:
        for _ in range(2 if task == 1 else random.randint(2, 6)):
            world.step(handles=task > 1)
        asked = question(world, task)
        if asked:
            rows.append({"text": " . ".join(world.facts), "query": asked[0], "label": asked[1]})
    return rows


def main():
    output = pathlib.Path(sys.argv[1])
    for task in map(int, sys.argv[2:] or ["1", "2", "3"]):
        folder = output / f"babi-{task}"
        folder.mkdir(parents=True, exist_ok=True)
        for name, stories in SIZES.items():
            generator = random.Random(f"{task} {name}")
            with open(folder / f"{name}.jsonl", "w", encoding="utf-8") as file:
                for _ in range(stories):
                    for row in story(task, generator):
                        file.write(json.dumps(row) + "\n")


if __name__ == "__main__":
    main()
