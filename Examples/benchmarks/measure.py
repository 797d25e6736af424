"""Runs one process and says what it printed, how long it took and how much memory it held."""

import json
import os
import subprocess
import sys
import tempfile
import time


class Failed(Exception):
    """A process did not do its work."""


def run(command, environment=None):
    """The JSON lines that `command` printed, with the whole process's wall seconds and largest
    resident memory in MB in the last of them."""
    command = [str(word) for word in command]
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as messages:
        start = time.perf_counter()
        try:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=messages,
                env=os.environ | (environment or {}),
            )
        except OSError as error:
            raise Failed(f"{command[0]}: {error.strerror}") from error
        try:
            # Unlike RUSAGE_CHILDREN, of one process; on Linux never less than this one holds.
            _, status, usage = os.wait4(process.pid, 0)
        except KeyboardInterrupt:
            process.kill()
            raise
        process.returncode = os.waitstatus_to_exitcode(status)
        wall = time.perf_counter() - start
        output.seek(0)
        messages.seek(0)
        if process.returncode != 0:
            last = messages.read().decode(errors="replace").strip().split("\n")[-3:]
            raise Failed(f"{' '.join(command)} ended with {process.returncode}: {' '.join(last)}")
        lines = [line for line in output.read().decode().splitlines() if line.startswith("{")]
    results = [json.loads(line) for line in lines] or [{}]
    # Linux counts in KiB, macOS in bytes.
    resident = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    results[-1] |= {"wall_seconds": wall, "resident_megabytes": resident / 1e6}
    return results
