"""Checks one part of the formal specification and ends with a line that says what was checked.

Usage: python3 spec/checks/part.py PART [NUMBER ...]. `cargo xtask spec` names the parts, prepares
what they need and runs them.
"""

import os
import subprocess
import sys

sys.dont_write_bytecode = True

import models  # noqa: E402
import tlc  # noqa: E402
import tools  # noqa: E402
from tlc import Failed  # noqa: E402

PROVE = [tools.PYTHON, "-B", "spec/proof/prove.py"]


def last_line(words):
    """The last line of a program that must succeed; its progress is shown."""
    done = subprocess.run(words, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        raise Failed(done.stdout.strip()[-3000:] or f"{' '.join(words)} failed")
    return done.stdout.strip().splitlines()[-1]


def proof():
    return last_line([*PROVE, "--second"])


def must_report(what, check):
    """A control: `check` must fail, and says what it reports."""
    try:
        check()
    except Failed as failed:
        reported = str(failed).splitlines()[0][:150]
        print(f"  controls {what}: {reported}", flush=True)
        return
    raise Failed(f"{what} is not reported")


def controls():
    """What must be reported."""
    must_report("a broken run", lambda: models.traces(count=2, steps=120, broken=True))
    must_report("a dropped conjunct", lambda: last_line([*PROVE, "--drop", "snapshots_agree"]))
    must_report("a property that must fail and holds",
                lambda: models.refute("NeverWrong", "waiting", False, body="NeverWrong == TRUE"))
    must_report("a snapshot that comes late and makes a call ring",
                lambda: last_line([*PROVE, "--break", "stale-snapshot"]))
    return "4 kinds of faults reported"


def breaks():
    """Each of the faults in the actions of the proof leaves something open."""
    return last_line([*PROVE, "--controls"])


PARTS = {"laws": models.laws, "graphs": models.graphs, "write": lambda: models.graphs(write=True),
         "reach": models.reach, "mutants": models.mutants, "controls": controls, "breaks": breaks,
         "traces": models.traces, "proof": proof}


def main():
    if len(sys.argv) < 2 or sys.argv[1] not in PARTS:
        print(__doc__)
        return 2
    os.chdir(tlc.ROOT)
    try:
        print(PARTS[sys.argv[1]](*map(int, sys.argv[2:])))
    except Failed as failed:
        print(failed)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
