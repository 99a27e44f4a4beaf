"""Runs TLC. Each run has a directory of its own, since TLC unpacks its modules and keeps states."""

import os
import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

SPEC = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
ROOT = os.path.dirname(SPEC)
SCRATCH = os.path.join(ROOT, "target", "spec")
JAR = os.path.join(SCRATCH, "tla2tools.jar")
BRIDGE = os.path.join(os.environ.get("CARGO_TARGET_DIR", os.path.join(ROOT, "target")), "release",
                      "roomcall-spec")

# The scopes whose every transition is printed and replayed, the longest first.
GRAPHS = ["two_rooms", "keeping", "elsewhere", "roles", "batches", "leaving", "expecting", "ringing", "waiting",
          "answers"]


class Failed(Exception):
    """A part did not hold; the text says what."""


def command(module, config, folders, scratch, short=False):
    """The command line; `short` for runs of a second or two, which need no optimising compiler."""
    speed = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"] if short else ["-XX:+UseParallelGC"]
    library = os.pathsep.join([*folders, SPEC, os.path.join(SPEC, "scopes")])
    return ["java", *speed, "-Xmx3g", "-Xss64m", f"-Djava.io.tmpdir={scratch}",
            f"-DTLA-Library={library}", "-cp", JAR, "tlc2.TLC", "-deadlock", "-workers", "1",
            "-metadir", os.path.join(scratch, "states"), "-config", config,
            os.path.basename(module)]


def run(module, config, folders=(), short=False):
    """All that TLC says of a model."""
    with tempfile.TemporaryDirectory(dir=SCRATCH) as scratch:
        done = subprocess.run(command(module, config, folders, scratch, short),
                              cwd=os.path.dirname(module), capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def pipe(module, config, then, folders=()):
    """What `then` says, fed with all that TLC says; Failed if it fails."""
    with tempfile.TemporaryDirectory(dir=SCRATCH) as scratch:
        tlc = subprocess.Popen(command(module, config, folders, scratch),
                               cwd=os.path.dirname(module), stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        done = subprocess.run(then, stdin=tlc.stdout, capture_output=True, text=True, check=False)
        tlc.stdout.close()
        tlc.wait()
    if done.returncode != 0:
        raise Failed(done.stderr.strip())
    return done.stdout.strip()


def scope(name):
    """The module of a scope."""
    return os.path.join(SPEC, "scopes", f"{name}.tla")


def config(name):
    """A configuration of the scopes."""
    return os.path.join(SPEC, "scopes", f"{name}.cfg")


def is_whole(said):
    """Whether TLC came to its end and found nothing."""
    return "No error has been found" in said


def states(said):
    """How many distinct states TLC found, and how many transitions."""
    for line in said.splitlines():
        if "distinct states found" in line and line.split(" ")[0].replace(",", "").isdigit():
            words = line.replace(",", "").split(" ")
            return int(words[3]), int(words[0])
    return 0, 0


def broken(said):
    """The property that TLC refuted, if it did."""
    for line in said.splitlines():
        words = line.split()
        if line.startswith("Error: Invariant ") or line.startswith("Error: Action property "):
            return words[words.index("is") - 1]
        if "Temporal properties were violated" in line:
            return "liveness"
    return None


def complaint(said):
    """The first thing that TLC complains of."""
    lines = [line for line in said.splitlines() if line.startswith(("Error", "***"))]
    return " ".join(lines[:2]) or "it did not come to its end"


def each(items, work, name):
    """Does `work` on all items, two at a time, with a line of progress for each."""
    items = list(items)
    begun, done = time.monotonic(), []

    def one(item):
        result = work(item)
        done.append(item)
        print(f"  {name} {len(done)}/{len(items)} {time.monotonic() - begun:4.0f} s  "
              f"{result}", flush=True)
        return result

    with ThreadPoolExecutor(max_workers=2) as pool:
        return list(pool.map(one, items))
