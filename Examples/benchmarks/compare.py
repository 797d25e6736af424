#!/usr/bin/env python3
"""Compares `warrant` with its peers, case by case, and prints a table of ratios.

Processes alternate: each peer, then warrant, then each peer again. A figure is the median over the
repetitions. A ratio above 1 means that warrant is so many times faster, or smaller.
"""

import argparse
import datetime
import os
import pathlib
import shlex
import statistics
import sys

import machine
from cases import Cases
from corpora import Absent, Corpora
from measure import Failed


def say(*words):
    print("benchmark:", *words, file=sys.stderr, flush=True)


def figure(value):
    """Four digits at least, and none after the point where they would be noise."""
    return f"{value:,.0f}" if value >= 1000 else f"{value:.4g}"


class Comparison:
    """What one case gave."""

    def __init__(self, case, repetitions):
        self.case = case
        peers, warrant = case.sides()
        self.tried, self.peers = {}, []
        for peer in peers:
            if peer.variants:
                say(f"{case.name}: trying the variants of {peer.name}")
            side, tried = peer.chosen()
            self.peers.append(side)
            self.tried[peer.name] = tried
        self.sides = self.peers + [warrant]
        self.results = {side.name: [] for side in self.sides}
        for repetition in range(repetitions):
            for side in self.sides:
                say(f"{case.name}: {repetition + 1} of {repetitions}, {side.name}")
                self.results[side.name].append(side.measured())
            case.check({name: results[-1] for name, results in self.results.items()})

    def values(self, side, key):
        return [result[key] for result in self.results[side]]

    def table(self):
        """A line for each thing compared, against the fastest peer of the case."""
        lines = []
        for name, (key, unit, more) in self.case.rows.items():
            medians = {side: statistics.median(self.values(side, key)) for side in self.results}
            own = medians.pop(self.sides[-1].name)
            peer = (max if more else min)(medians, key=medians.get)
            ratio = own / medians[peer] if more else medians[peer] / own
            cells = [name, unit, f"{figure(medians[peer])} ({peer})", figure(own), f"{ratio:.2f}"]
            lines.append("| " + " | ".join(cells) + " |")
        return lines

    def details(self):
        """All measurements and trials of the case, and whether both sides did the same work."""
        lines = []
        for name, (key, unit, _) in self.case.rows.items():
            for side in self.results:
                values = ", ".join(map(figure, self.values(side, key)))
                lines.append(f"- {name}, {side}: {values} {unit}")
        for key in self.case.notes:
            for side, results in self.results.items():
                found = sorted({str(result.get(key)) for result in results})
                lines.append(f"- {self.case.name}, {side}: {key} {' / '.join(found)}")
        tokens = {side: results[0].get("tokens") for side, results in self.results.items()}
        if None not in tokens.values():
            if len(set(tokens.values())) == 1:
                lines.append(f"- {self.case.name}: {tokens.popitem()[1]:,} tokens on each side")
            else:
                lines.append(f"- {self.case.name}: TOKENS DIFFER: {tokens}")
        for peer, tried in self.tried.items():
            if tried:
                trials = "; ".join(f"{variant}: {figure(value)}" for variant, value in tried)
                lines.append(f"- {self.case.name}, variants of {peer}, tried once: {trials}")
        return lines


def parse():
    here = pathlib.Path(__file__).resolve().parent
    shared = here.parents[1].parent / "shared"
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--list", action="store_true", help="list the cases and end")
    parser.add_argument(
        "--case",
        action="append",
        metavar="NAME",
        help="measure this case only, or all whose name begins with it; may be repeated",
    )
    parser.add_argument("--repetitions", type=int, default=3, help="processes of each side (3)")
    parser.add_argument("--output", type=pathlib.Path, help="write the table to this file too")
    parser.add_argument("--data", type=pathlib.Path, default=shared / "data")
    parser.add_argument(
        "--peer-script", type=pathlib.Path, default=shared / "peers" / "fresh_pytorch.py"
    )
    # Set by run.sh.
    for name, variable in (
        ("--warrant", "WARRANT_COMMAND"),
        ("--encoder", "WARRANT_ENCODER"),
        ("--work", "WARRANT_BENCHMARK_WORK"),
    ):
        default = pathlib.Path(os.environ.get(variable, "."))
        parser.add_argument(name, type=pathlib.Path, default=default, help=f"default ${variable}")
    arguments = parser.parse_args()
    if arguments.repetitions < 1:
        parser.error("--repetitions must be at least 1")
    return parser, arguments


def chosen(parser, cases, names):
    if not names:
        return cases
    for name in names:
        if not any((case.name + "-").startswith(name + "-") for case in cases):
            parser.error(f"there is no case {name}; --list lists them")
    return [c for c in cases if any((c.name + "-").startswith(name + "-") for name in names)]


def main():
    parser, arguments = parse()
    arguments.warrant = arguments.warrant.resolve()
    corpora = Corpora(arguments.data, arguments.encoder, arguments.work)
    cases = Cases(
        arguments.warrant, arguments.encoder, corpora, arguments.peer_script, arguments.work
    ).all()
    cases = chosen(parser, cases, arguments.case)
    if arguments.list:
        print("\n".join(case.name for case in cases))
        return

    arguments.work.mkdir(parents=True, exist_ok=True)
    command = shlex.join(["Examples/benchmarks/run.sh", *sys.argv[1:]])
    head = [f"- date: {datetime.date.today()}", f"- command: `{command}`"]
    head += [*machine.description(arguments.warrant)]
    head += [f"- medians of {arguments.repetitions}, processes in alternation", ""]
    head += ["| case | unit | peer | warrant | ratio |", "| --- | --- | ---: | ---: | ---: |"]
    table, details, failed = [], [], False
    for case in cases:
        try:
            comparison = Comparison(case, arguments.repetitions)
            table += comparison.table()
            details += comparison.details()
        except Absent as absent:
            details.append(f"- {case.name}: skipped, {absent}")
        except Failed as failure:
            failed = True
            details.append(f"- {case.name}: FAILED, {failure}")
            say(details[-1])
    text = "\n".join([*head, *table, "", *details]) + "\n"
    print(text, end="")
    if arguments.output:
        arguments.output.write_text(text, encoding="utf-8")
    sys.exit(1 if failed else 0)


main()
