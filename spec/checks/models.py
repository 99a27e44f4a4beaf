"""The parts that are TLC's: laws, graphs, reach, traces, and the mutants of the specification."""

import os
import re
import shutil
import subprocess
import tempfile
import tomllib

import tlc
from tlc import SPEC, Failed


# The scopes of recovery_laws.tla: each has the configuration of its name. The longest first.
LOST = ["lost_answers", "lost_screens", "lost_requests", "by_leap", "lost_races", "by_clock",
        "evicted_requests", "lost_retries", "lost_expected"]
# Those of takeover_laws.tla, likewise.
TAKEN = ["taken_over", "compared", "weak_broker", "windows", "survived"]


def laws():
    """The models that are too wide to be printed, and liveness."""
    def check(job):
        scope, config = job
        said = tlc.run(tlc.scope(scope), tlc.config(config))
        if not tlc.is_whole(said):
            raise Failed(f"{scope}, {config}: {tlc.broken(said) or tlc.complaint(said)}\n{said[-3000:]}")
        states, steps = tlc.states(said)
        return f"{scope} ({config}): {states} states, {steps} transitions"

    jobs = [("whole", "laws"), ("stopping", "laws"), ("stopping", "live"), ("expecting", "live"),
            ("sessions", "sessions"), ("sessions", "shared"),
            ("one_device", "device"), ("one_device", "device_live"),
            *((scope, scope) for scope in LOST + TAKEN)]
    done = tlc.each(jobs, check, "laws")
    return f"{len(done)} models hold"


def graphs(write=False):
    """Every transition of the scopes, with the laws checked on the way, as committed."""
    def check(scope):
        file = os.path.join(SPEC, "graphs", f"{scope}.gz")
        then = [tlc.BRIDGE, "graph", file] + ([] if write else ["--check"])
        return f"{scope}: {tlc.pipe(tlc.scope(scope), tlc.config('graph'), then)}"

    done = tlc.each(tlc.GRAPHS, check, "graphs")
    totals = [sum(int(re.search(rf"(\d+) {what}", line)[1]) for line in done)
              for what in ("states", "edges")]
    word = "written" if write else "as committed"
    return f"{len(done)} scopes, {totals[0]} states, {totals[1]} edges, {word}"


# The modules of reach/, with the configuration that their scopes have; None: each the one of its name.
REACH = [("never", "laws"), ("never_on_device", "device"), ("never_lost", None), ("never_taken", None)]


def must_fail():
    """The properties of reach/: name, scope, whether it is one of steps, its place in REACH."""
    properties = []
    for of in REACH:
        with open(os.path.join(SPEC, "reach", f"{of[0]}.tla"), encoding="utf-8") as file:
            text = file.read()
        found = re.findall(r"^\\\* in (\w+)\n(Never\w+) ==(.*?)(?=^\S|\Z)", text, re.M | re.S)
        properties += [(name, scope, "[][" in body, of) for scope, name, body in found]
    return properties


def refute(name, scope, is_of_steps, of=REACH[0], body=None):
    """What TLC refutes of one property that must fail."""
    reached, settings = of
    with open(tlc.config(settings or scope), encoding="utf-8") as file:
        constants = file.read().split("INVARIANTS")[0]
    kind = "PROPERTIES" if is_of_steps else "INVARIANTS"
    with tempfile.TemporaryDirectory(dir=tlc.SCRATCH) as folder:
        module, config = os.path.join(folder, "reached.tla"), os.path.join(folder, "reached.cfg")
        with open(module, "w", encoding="utf-8") as file:
            file.write(f"---- MODULE reached ----\nEXTENDS {scope}, {reached}\n{body or ''}\n====\n")
        with open(config, "w", encoding="utf-8") as file:
            file.write(f"{constants}{kind} {name}\n")
        said = tlc.run(module, config, [os.path.join(SPEC, "reach")], short=True)
    if tlc.broken(said) == name:
        return f"{name}: refuted in {scope}"
    if tlc.is_whole(said):
        raise Failed(f"{name} holds in {scope}: what must be possible is not")
    raise Failed(f"{name} in {scope}: {tlc.complaint(said)}")


def reach():
    """What must be possible: each property is refuted."""
    done = tlc.each(must_fail(), lambda job: refute(*job), "reach")
    return f"{len(done)} properties refuted, as they must be"


def traces(seed=0, count=48, steps=250, broken=False):
    """Long random runs of the code, played by TLC."""
    which = ["--seed", str(seed), "--count", str(count), "--steps", str(steps)]
    with tempfile.TemporaryDirectory(dir=tlc.SCRATCH) as folder:
        subprocess.run([tlc.BRIDGE, "traces", os.path.join(folder, "runs.tla"), *which],
                       check=True, capture_output=True)
        then = [tlc.BRIDGE, "checked", *which] + (["--broken"] if broken else [])
        return tlc.pipe(tlc.scope("trace"), tlc.config("trace"), then, [folder])


def planted():
    """The mutants of the specification."""
    with open(os.path.join(SPEC, "mutants", "spec.toml"), "rb") as file:
        return tomllib.load(file)["mutant"]


def judge(mutant):
    """The law that notices a mutant, or None."""
    with tempfile.TemporaryDirectory(dir=tlc.SCRATCH) as folder:
        for module in os.listdir(SPEC):
            if module.endswith(".tla"):
                shutil.copy(os.path.join(SPEC, module), folder)
        path = os.path.join(folder, mutant["file"])
        with open(path, encoding="utf-8") as file:
            text = file.read()
        if text.count(mutant["from"]) != 1:
            raise Failed(f"\"{mutant['name']}\" does not fit {mutant['file']} any more")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text.replace(mutant["from"], mutant["to"]))
        configs = {"stopping": ["laws", "live"], "sessions": ["sessions", "shared"],
                   "one_device": ["device", "device_live"], **{scope: [scope] for scope in LOST + TAKEN}}
        for config in configs.get(mutant["scope"], ["laws"]):
            said = tlc.run(tlc.scope(mutant["scope"]), tlc.config(config), [folder], short=True)
            noticed = tlc.broken(said)
            if noticed:
                return noticed
            if not tlc.is_whole(said):
                raise Failed(f"\"{mutant['name']}\": {tlc.complaint(said)}")
    return None


def mutants():
    """Each fault planted in the specification is noticed by a law; the table is as committed."""
    rows = ["<!-- Generated: cargo xtask spec mutants -->\n\n# Faults planted in the specification\n\n"
            "Each is one change of `spec/*.tla` (`spec.toml`), and the first law of `laws.tla`, "
            "`presence.tla`, `device.tla`, `recovery_laws.tla` or `takeover_laws.tla` that TLC finds broken.\n\n"
            "| rule | fault | scope | law that notices |\n|---|---|---|---|"]
    survivors = []

    def check(mutant):
        law = judge(mutant)
        return f"{mutant['rule']} {mutant['name']}: {law or 'SURVIVES'}"

    all_planted = planted()
    done = tlc.each(all_planted, check, "mutants")
    for mutant, line in zip(all_planted, done):
        law = line.rsplit(": ", 1)[1]
        if law == "SURVIVES":
            survivors.append(line)
        rows.append(f"| {mutant['rule']} | {mutant['name']} | {mutant['scope']} | `{law}` |")
    table = "\n".join(rows) + "\n"
    path = os.path.join(SPEC, "mutants", "spec.md")
    if os.environ.get("UPDATE_TABLES"):
        with open(path, "w", encoding="utf-8") as file:
            file.write(table)
    if survivors:
        raise Failed("\n".join(survivors))
    with open(path, encoding="utf-8") as file:
        if file.read() != table:
            raise Failed("spec/mutants/spec.md is not current: UPDATE_TABLES=1 cargo xtask spec mutants")
    return f"{len(done)} faults planted, all noticed"
