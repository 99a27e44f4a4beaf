#!/usr/bin/env python3
"""Proves what the rules promise of calls, for any number of users, rooms, devices and attempts.

What is modelled is in model.py, the invariant in invariant.py and invariant_rooms.py, the goals in goals.py, and the
runs in runs.py show that every action can happen. An obligation is proved when the solver finds no counterexample to
it; it is open otherwise. Exit status 0: all are proved, every conjunct is needed, and every run is possible; 1: not so.
"""

import argparse
import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True  # nothing is left beside the sources

import z3

from model import ACTIONS, BREAKS, State, axioms, broken, init
from invariant import CONJUNCTS, REDUNDANT
import invariant_rooms  # noqa: F401, it adds to CONJUNCTS
from goals import EXEMPT, GOALS, PROPERTIES
from play import possible
from runs import HARMS, RUNS

TIMEOUT = 10  # seconds for one obligation


class Obligation:
    """The conjuncts `given` and the facts `more` imply `claim`, which is needed for the conjunct `concludes`, or for a
    goal or property (None)."""

    def __init__(self, name, concludes, given, more, claim):
        self.name, self.concludes, self.given, self.more, self.claim = name, concludes, given, more, claim
        self.core = set()  # the conjuncts that the solver used

    def solve(self, without=None):
        solver = z3.Solver()
        solver.set('timeout', TIMEOUT * 1000)
        solver.add(*axioms(), *self.more, z3.Not(self.claim))
        for name, formula in self.given.items():
            if name != without:
                solver.assert_and_track(formula, name)
        result = solver.check()
        if result == z3.unsat and not without:
            self.core = {str(name) for name in solver.unsat_core()}
        return result

    def smt2(self):
        solver = z3.Solver()
        solver.add(*axioms(), *self.more, *self.given.values(), z3.Not(self.claim))
        return f'; {self.name}\n(set-logic ALL)\n{solver.to_smt2()}'


def obligations(dropped=None):
    """Beginning and conjuncts, actions and conjuncts, actions and properties, goals."""
    a = State.symbols()
    makes = {name: make for name, (_, make) in CONJUNCTS.items() if name != dropped}
    given = {name: make(a) for name, make in makes.items()}
    for name, claim in given.items():
        yield Obligation(f'init-{name}', name, {}, init(a), claim)
    for action, (_, make) in ACTIONS.items():
        step = make(a)
        for name, formula in given.items():
            claim = makes[name](step.after)
            if not claim.eq(formula):  # else the action changes nothing of which it speaks
                yield Obligation(f'{action}-{name}', name, given, step.guard, claim)
        for name, (_, make_property) in PROPERTIES.items():
            claim = make_property(a, step.after)
            if action not in EXEMPT[name] and not claim.eq(make_property(a, a)):
                yield Obligation(f'{action}-{name}', None, given, step.guard, claim)
    for name, (_, make) in PROPERTIES.items():
        yield Obligation(f'nothing-{name}', None, given, [], make(a, a))
    for name, (_, make) in GOALS.items():
        yield Obligation(f'goal-{name}', None, given, [], make(a))


def progress(what, done, of):
    """On a terminal one line that changes, else a line now and then."""
    if sys.stderr.isatty():
        print(f'\r{what}: {done} of {of}', end='\n' if done == of else '', file=sys.stderr, flush=True)
    elif done == of or done % 200 == 0:
        print(f'{what}: {done} of {of}', file=sys.stderr, flush=True)


def prove(todo):
    """The open ones."""
    still_open = []
    for i, one in enumerate(todo):
        result = one.solve()
        if result != z3.unsat:
            still_open.append(one)
            print(f'open: {one.name} ({"counterexample" if result == z3.sat else result})')
        progress('z3', i + 1, len(todo))
    return still_open


def is_needed(name, todo):
    """Whether something else is not proved without the conjunct. Only what used it can be so."""
    users = [one for one in todo if name in one.core and one.concludes != name]
    return any(one.solve(without=name) != z3.unsat for one in users)


def serving(todo):
    """The conjuncts that a goal or a property uses, or that one of these uses."""
    wanted = {None}
    while True:
        more = wanted.union(*(one.core for one in todo if one.concludes in wanted))
        if more == wanted:
            return wanted
        wanted = more


def necessity(todo):
    """What is wrong with the marks in invariant.py."""
    wrong, serves = 0, serving(todo)
    for i, name in enumerate(CONJUNCTS):
        needed = name in serves and is_needed(name, todo)
        if needed == (name in REDUNDANT):
            print(f'conjunct {name}: {"marked redundant, but needed" if needed else "not needed, and not marked so"}')
            wrong += 1
        progress('conjuncts needed', i + 1, len(CONJUNCTS))
    return wrong


def happen():
    """What is wrong with the runs."""
    wrong, happened = 0, set()
    for i, (name, run) in enumerate(RUNS.items()):
        result, actions = possible(run)
        if result != 'sat':
            print(f'run "{name}": {result}')
            wrong += 1
        else:
            happened |= actions
        progress('runs', i + 1, len(RUNS))
    for name in ACTIONS.keys() - happened:
        print(f'action {name}: happens in no run')
        wrong += 1
    return wrong


def second(folder, todo):
    """cvc5 on the same obligations: its version, and how many it leaves open."""
    cvc5 = shutil.which('cvc5')
    if not cvc5:
        sys.exit('cvc5 is not installed')
    first = subprocess.run([cvc5, '--version'], capture_output=True, text=True, check=True).stdout.split('\n')[0]
    version = next(word for word in first.replace(']', '').split() if word[0].isdigit())
    still_open = 0
    for i, one in enumerate(todo):
        path = os.path.join(folder, f'{i:04}-{one.name}.smt2')
        result = subprocess.run([cvc5, '--lang=smt2', '--full-saturate-quant', f'--tlimit={TIMEOUT * 1000}',
                                 path], capture_output=True, text=True)
        answer = (result.stdout + result.stderr).strip().split('\n')[0]
        if answer != 'unsat':
            still_open += 1
            print(f'open with cvc5: {one.name} ({answer})')
        progress('cvc5', i + 1, len(todo))
    return version, still_open


def controls():
    """Every break must leave something open, and for a reason: it has a run against a goal, which is impossible without
    the break. What is not so."""
    wrong = 0
    for name, what in BREAKS.items():
        without, _ = possible(HARMS[name])
        broken.add(name)
        found = next((one.name for one in obligations() if one.solve() != z3.unsat), 'nothing')
        harm, _ = possible(HARMS[name])
        broken.clear()
        is_noticed = (found != 'nothing', harm, without) == (True, 'sat', 'unsat')
        wrong += not is_noticed
        print(f'break {name}: {what}; open: {found}; its run: {harm}, and without it: {without}'
              + ' NOT NOTICED' * (not is_noticed), flush=True)
    return wrong


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--dump', metavar='DIR', help='write each obligation as SMT-LIB 2')
    parser.add_argument('--second', action='store_true', help='let cvc5 prove each of them too')
    parser.add_argument('--drop', metavar='CONJUNCT', choices=CONJUNCTS, help='leave one out: the proof must fail')
    parser.add_argument('--break', metavar='NAME', dest='broke', choices=BREAKS,
                        help='break an action: the proof must fail')
    parser.add_argument('--list-breaks', action='store_true', help='the names for --break')
    parser.add_argument('--controls', action='store_true', help='each break once: fails if one is not noticed')
    return parser.parse_args()


def main():
    args = arguments()
    if args.list_breaks:
        for name, what in BREAKS.items():
            print(f'{name}: {what}')
        return 0
    if args.controls:
        missed = controls()
        print(f'controls: {len(BREAKS)} breaks, {missed} not noticed')
        return int(missed > 0)
    if args.broke:
        broken.add(args.broke)
    todo = list(obligations(args.drop))
    began = time.monotonic()
    still_open = len(prove(todo))
    z3_seconds = time.monotonic() - began
    solvers = f'z3 {z3.get_version_string()} {z3_seconds:.1f} s'
    wrong = 0
    if not (args.drop or args.broke or still_open):
        wrong = necessity(todo) + happen()
    with contextlib.ExitStack() as stack:
        if args.dump or args.second:
            folder = args.dump or stack.enter_context(tempfile.TemporaryDirectory())
            os.makedirs(folder, exist_ok=True)
            for i, one in enumerate(todo):
                with open(os.path.join(folder, f'{i:04}-{one.name}.smt2'), 'w') as file:
                    file.write(one.smt2())
        if args.second:
            began = time.monotonic()
            version, more = second(folder, todo)
            still_open += more
            solvers += f', cvc5 {version} {time.monotonic() - began:.1f} s'
    conjuncts = len(CONJUNCTS) - bool(args.drop)
    print(f'proof: {conjuncts} conjuncts, {len(ACTIONS)} actions, {len(todo)} obligations, {still_open} open, '
          f'{len(GOALS)} goals, {len(PROPERTIES)} properties of steps, {len(RUNS)} runs, {solvers}')
    return int(still_open + wrong > 0)


if __name__ == '__main__':
    sys.exit(main())
