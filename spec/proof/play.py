"""Plays the runs of runs.py in a world in which each sort has few elements, which is decided one by one."""

import re
from itertools import product

import z3

from model import *
from goals import GOALS
import model
import rooms
import switchboard
import handset

NAMES = {User: 'ana bo cy dee', Device: 'nobody ana1 bo1 bo2 cy1 dee1', Room: 'hall yard',
         Name: 'unnamed n1 n2', Session: 'no_session s1 s2 s3', Attempt: '1 2 3 4 5 6',
         Request: 'ask again too yes yes1 yes2 no more', Ask: '1 2 3', Snapshot: '1 2 3', Time: '0 20 30 40',
         Revision: '0 1 2 3 4 5 6 7 8 9'}
UNKNOWN = {str(one): one for one in (nobody, unnamed, no_session)}
PICKS = {f.name(): f for f in (rooms.NAMED, rooms.THERE, rooms.OVER, rooms.arrival, switchboard.X, switchboard.E,
                               switchboard.M, switchboard.OLD, switchboard.callees, switchboard.elsewhere, handset.L,
                               handset.TOLD, handset.HOW, handset.BY)}
PARAMETERS = {str(x): x for x in (C, D, W, U, R, I, V, Q, N, S, P, AT, NEXT, rooms.EMPTY, rooms.GONE, switchboard.T,
                                  switchboard.NEVER, switchboard.YES)}


def elements(run):
    """Each sort has the elements that the run names, all different, at least one; phases and verbs have theirs."""
    used = {*re.findall(r'\w+', run), 'nobody', 'unnamed', 'n1', 'no_session', '0'}
    used |= {f'n{word[-1]}' for word in used if word in NAMES[Device]}
    named = {}
    for sort, names in NAMES.items():
        names = [name for name in names.split() if name in used or sort is Revision] or names.split()[:1]
        named[sort] = {name: UNKNOWN.get(name, Const(f'{sort.name()}_{name}', sort)) for name in names}
    named[Phase] = {str(phase): phase for phase in model.phases}
    named[Verb] = {str(verb): verb for verb in (CALL, ACCEPT, REJECT)}
    return named


def closed(f, *domain):
    """The value of a function is one of the elements."""
    if f.range() not in universe:
        return []
    return [Or([f(*args) == one for one in universe[f.range()]]) for args in product(*(universe[x] for x in domain))]


def defined(after, now, suffix):
    """The state `after`, by symbols of its own where it is not what it was, and what these mean."""
    fields, facts = {}, []
    for name, (*domain, of) in STATE.items():
        value, before = getattr(after, name), getattr(now, name)
        if value is before or not domain:
            fields[name] = value
            continue
        fields[name] = f = Function(name + suffix, *domain, of)
        facts += [f(*args) == value(*args) for args in product(*(universe[x] for x in domain))]
    return State(fields), facts


def renamed(formulas, suffix, named, words):
    """The formulas of one action with parameters of their own, and what `words` fixes of these."""
    new = {x: Const(str(x) + suffix, x.sort()) for x in PARAMETERS.values()}
    domains = {f: [f.domain(at) for at in range(f.arity())] for f in PICKS.values()}
    picks = {f: Function(f.name() + suffix, *domain, f.range()) for f, domain in domains.items()}
    facts = [fact for f, pick in picks.items() for fact in closed(pick, *domains[f])]
    facts += [Or([x == one for one in universe[x.sort()]]) for x in new.values() if x.sort() in universe]
    chosen = lambda f, names: picks[f](*(named[sort][name] for sort, name in zip(domains[f], names)))
    for word in words:
        key, _, value = word.partition('=')
        if key in PARAMETERS:
            x = PARAMETERS[key]
            facts.append(new[x] == (named[x.sort()][value] if value else True))
        elif PICKS[key].range() == Bool:
            facts += [chosen(PICKS[key], names) == (':'.join(names) in value.split(','))
                      for names in product(*(named[sort] for sort in domains[PICKS[key]]))]
        else:
            facts += [chosen(PICKS[key], [name]) == named[PICKS[key].range()][of]
                      for name, of in (pair.split(':') for pair in value.split(','))]
    constants = list(new.items())
    functions = [(f, to(*(z3.Var(at, sort) for at, sort in enumerate(domains[f])))) for f, to in picks.items()]
    return [z3.substitute_funs(z3.substitute(formula, constants), functions) for formula in formulas], facts


def holds(state, named, words):
    is_not = words[0] == 'not'
    name, *rest = words[is_not:]
    *domain, of = STATE[name]
    args = [named[sort][word] for sort, word in zip(domain, rest)]
    value = getattr(state, name)(*args)
    if of != Bool:
        value = value == named[of][rest[-1]]
    return Not(value) if is_not else value


def beginning(named):
    """What holds at first: of the elements, of the state."""
    state = State.symbols('_0')
    facts = [*axioms(), *init(state), *closed(owner, Device), *closed(model.named, Device),
             state.clock == named[Time]['0'], state.now == named[Revision]['0']]
    for sort, before in ((Attempt, older), (Time, earlier), (Revision, less)):
        facts += [before(x, y) for i, x in enumerate(universe[sort]) for y in universe[sort][i + 1:]]
    facts += [z3.Distinct(universe[sort]) for sort in NAMES if len(universe[sort]) > 1]
    for name, x in named[Device].items():
        if name != 'nobody':
            facts += [owner(x) == named[User][name[:-1]], model.named(x) == named[Name]['n' + name[-1]]]
    facts += [fact for name, (*domain, _) in STATE.items() if domain for fact in closed(getattr(state, name), *domain)]
    return state, facts


def possible(run):
    """Whether the run is one of the model, and the actions in it."""
    named = elements(run)
    universe.update({sort: list(names.values()) for sort, names in named.items()})
    try:
        return play(run, named)
    finally:
        universe.clear()


def play(run, named):
    solver = z3.Solver()
    state, facts = beginning(named)
    solver.add(*facts)
    seen = set()
    for i, line in enumerate(run.split('\n')[1:]):
        action, *words = line.split()
        if action == 'so':
            solver.add(holds(state, named, words))
            continue
        if action == 'against':
            solver.add(Not(GOALS[words[0]][1](state)))
            continue
        is_impossible = action == 'cannot'
        if is_impossible:
            action, *words = words
        step = ACTIONS[action][1](state)
        after, definitions = defined(step.after, state, f'_{i + 1}')
        (clock, now, *formulas), facts = renamed([after.clock, after.now, *step.guard, *definitions], f'_{action}_{i}',
                                                 named, words)
        if is_impossible:
            if solver.check(*formulas, *facts) != z3.unsat:
                return f'line {i + 1} is possible', seen
            continue
        solver.add(*formulas, *facts)
        state = after.but(clock=clock, now=now)
        seen.add(action)
    return str(solver.check()), seen
