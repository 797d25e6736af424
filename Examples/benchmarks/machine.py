"""What a reader must know about the machine and the software to judge the figures."""

import importlib.metadata
import os
import pathlib
import platform
import re
import subprocess

PACKAGES = ["torch", "transformers", "tokenizers", "onnxruntime", "openvino", "networkx", "scipy"]


def output(*command):
    """What a command prints, or nothing where there is no such command."""
    try:
        return subprocess.run(
            command, capture_output=True, text=True, check=True, cwd=pathlib.Path(__file__).parent
        ).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def processor():
    """The CPU's name, and family and model where the name alone says little."""
    try:
        text = pathlib.Path("/proc/cpuinfo").read_text()
    except OSError:
        return output("sysctl", "-n", "machdep.cpu.brand_string") or platform.machine()
    fields = dict(re.findall(r"^([^\t\n]+)\t*: (.*)$", text.split("\n\n")[0], re.MULTILINE))
    name = fields.get("model name", platform.machine())
    if "cpu family" in fields:
        name += f" (family {fields['cpu family']}, model {fields['model']})"
    wanted = ["avx2", "avx512f", "avx512_bf16", "amx_bf16"]
    present = [flag for flag in wanted if flag in fields.get("flags", "").split()]
    return ", ".join([name, *present])


def versions(warrant):
    """Name and version of everything that is measured or measures."""
    found = {"Python": platform.python_version()}
    for package in PACKAGES:
        found[package] = importlib.metadata.version(package)
    found["warrant"] = output(warrant, "--version")
    commit = output("git", "rev-parse", "--short", "HEAD")
    if commit:
        changed = " with changes" if output("git", "status", "--porcelain", "../..") else ""
        found["warrant"] += f" ({commit}{changed})"
    swift = re.search(r"Swift version (\S+)", output("swift", "--version"))
    found["Swift"] = swift[1] if swift else ""
    found["oneDNN"] = output("dpkg-query", "-W", "-f", "${Version}", "libdnnl-dev")
    return {name: version for name, version in found.items() if version}


def description(warrant):
    """The lines that stand above a table."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return [
        f"- CPU: {processor()}; {os.cpu_count()} cores, {memory:.0f} GiB; {platform.system()}",
        "- versions: " + ", ".join(f"{n} {v}" for n, v in versions(warrant).items()),
    ]
