"""What a case is made of: processes on either side, and what is compared."""

import dataclasses
import pathlib

from corpora import Absent
from measure import Failed, run

PEERS = pathlib.Path(__file__).parent / "peers"

# What is compared: key of a result, unit in the table, whether more is better.
TOKENS = ("tokens_per_second", "tokens/s", True)
LATENCY = ("milliseconds_per_document", "ms", False)
WALL = ("wall_seconds", "s", False)
# A peer's own work, and of warrant the whole process.
WORK = ("seconds", "s", False)
EPOCH = ("seconds_per_epoch", "s", False)
MEMORY = ("resident_megabytes", "MB", False)


@dataclasses.dataclass
class Side:
    """One side of a comparison: a process that can be started again and again."""

    name: str
    command: list
    environment: dict = dataclasses.field(default_factory=dict)
    # What the peer can vary; chosen by one trial of each before the measurements.
    variants: bool = False
    # Turns the process's result, and what it left behind, into further values.
    finish: object = None
    # What the process must have computed with, if it says.
    precision: str | None = None
    # Called before each process, outside the time.
    prepare: object = None

    def chosen(self):
        """This side with its fastest variant, and what was tried."""
        if not self.variants:
            return self, []
        tried = run(self.command, self.environment)
        key, _, more = next(unit for unit in (TOKENS, LATENCY, EPOCH, WORK) if unit[0] in tried[0])
        best = (max if more else min)(tried, key=lambda result: result[key])["variant"]
        side = dataclasses.replace(
            self,
            name=f"{self.name} ({best})",
            command=self.command + ["--variant", best],
            variants=False,
        )
        return side, [(result["variant"], result[key]) for result in tried]

    def measured(self):
        if self.prepare:
            self.prepare()
        result = run(self.command, self.environment)[-1]
        if result.get("precision") not in (None, self.precision):
            raise Absent(f"this CPU has no fast {self.precision} products")
        return result | self.finish(result) if self.finish else result


@dataclasses.dataclass
class Case:
    name: str
    # A function that makes the inputs and returns the peers' sides and warrant's.
    sides: object
    # Row name: what is compared in it.
    rows: dict
    # Values that are shown below the table and not compared.
    notes: tuple = ()
    # Results that both sides must have alike: by how much they may differ.
    same: dict = dataclasses.field(default_factory=dict)

    def check(self, results):
        """Fails where the sides' results differ; a result for each side, by its name."""
        for key, tolerance in self.same.items():
            values = {side: result[key] for side, result in results.items()}
            if not max(values.values()) - min(values.values()) <= tolerance:
                raise Failed(f"{key} differs by more than {tolerance}: {values}")


def environment(threads):
    """Environment of a Python peer: its thread pools, no network, no progress bars."""
    return {
        "OMP_NUM_THREADS": str(threads),
        "MKL_NUM_THREADS": str(threads),
        "RAYON_NUM_THREADS": str(threads),
        "HF_HUB_OFFLINE": "1",
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        "TRANSFORMERS_VERBOSITY": "error",
    }
