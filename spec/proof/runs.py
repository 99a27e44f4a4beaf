"""Short runs of the model from its beginning. A proof about actions that can never happen would show nothing: here each
of them does. What a run says is fixed, what it leaves open the solver finds."""

import re
from itertools import product

import z3

from model import *
from goals import GOALS
import model
import switchboard
import handset

# A line is an action with what it is about, `so` with what holds then, `cannot` with an action that is impossible then,
# or `against` with a goal that does not hold then. A device is named after its user.
CALL_BO = '''
        open_room R=hall
        enter R=hall U=ana D=ana1
        tap_call Q=ask D=ana1
        call Q=ask X=1 callees=1:bo T=30'''
RUNS = {
    'two devices answer, one joins': CALL_BO + '''
        so phase 1 live
        hear_ring D=bo1 C=1
        hear_ring D=bo2 C=1
        tap_accept Q=yes1 D=bo1 C=1
        tap_accept Q=yes2 D=bo2 C=1
        accept Q=yes1
        answer_late Q=yes2
        hear_won Q=yes1
        hear_lost Q=yes2 P=accepted W=bo1
        so joined bo1 1
        so not joined bo2 1
        cannot tap_accept Q=more D=bo2 C=1
        enter R=hall U=bo D=bo1
        hear_ring D=bo2 C=1
        so not known bo2 1''',
    'an answer is tapped again': CALL_BO + '''
        hear_ring D=bo1 C=1
        tap_accept Q=yes1 D=bo1 C=1
        accept Q=yes1
        refuse Q=yes1
        hear_refused Q=yes1
        tap_accept Q=yes2 D=bo1 C=1
        answer_again Q=yes2
        hear_won Q=yes2
        so joined bo1 1''',
    'a reject, and a call that one enters': '''
        open_room R=hall
        open_room R=yard
        enter R=hall U=ana D=ana1
        tap_call Q=ask D=ana1
        call Q=ask X=1,2 callees=1:bo,2:cy T=30
        hear_ring D=bo1 C=1
        tap_reject Q=no D=bo1 C=1
        reject_call Q=no
        hear_won Q=no
        so kept 1
        evict C=1
        enter R=yard U=cy D=cy1
        so phase 2 inOtherRoom
        hear_ring D=cy1 C=2
        so known cy1 2
        hear_stop D=cy1 C=2 P=inOtherRoom W=nobody
        so not known cy1 2
        tap_call Q=again D=ana1
        call Q=again X=3 callees=3:cy T=30
        so phase 3 inOtherRoom
        so not rung 3''',
    'timed out, cancelled, revoked, entered': '''
        open_room R=hall
        enter R=hall U=ana D=ana1
        tap_call Q=ask D=ana1
        call Q=ask X=1,2,3 callees=1:bo,2:cy,3:dee T=30
        tick AT=20
        cancel U=ana D=ana1 R=hall X=3
        tick AT=30
        so phase 1 timedOut
        so phase 2 timedOut
        so phase 3 cancelled
        cannot revoke R=hall D=nobody X=1
        tap_call Q=again D=ana1
        call Q=again X=4,5 callees=4:bo,5:cy NEVER
        so not kept 1
        tick AT=40
        answer_unnamed C=5 D=cy1 YES
        so phase 5 accepted
        tap_call Q=more D=ana1
        call Q=more X=6 callees=6:cy NEVER
        enter R=hall U=cy D=cy1
        so phase 6 entered
        revoke R=hall D=nobody X=4
        so phase 4 revoked''',
    'the caller leaves, the room is dissolved': '''
        open_room R=hall
        enter R=hall U=ana D=ana1
        enter R=hall U=dee D=dee1
        tap_call Q=ask D=ana1
        tap_call Q=too D=dee1
        call Q=ask X=1 callees=1:bo T=30
        call Q=too X=2 callees=2:cy T=30
        leave U=ana R=hall
        so phase 1 cancelled
        hear_ring D=cy1 C=2
        tap_accept Q=yes D=cy1 C=2
        dissolve R=hall D=dee1
        so phase 2 revoked
        answer_nothing Q=yes
        hear_gone Q=yes
        so learned cy1 2''',
    'a snapshot comes late': CALL_BO + '''
        ask D=bo1 N=1
        answer_snapshot S=1 D=bo1 N=1
        answer_snapshot S=2 D=bo1 N=1
        apply_snapshot D=bo1 S=1 L=1
        so known bo1 1
        cannot apply_snapshot D=bo1 S=2
        tap_accept Q=yes D=bo1 C=1
        give_up D=bo1 C=1
        revoke R=hall D=ana1 X=1
        hear_stop D=bo1 C=1 P=revoked W=ana1
        so over bo1 1
        ask D=bo1 N=2
        stop_asking D=bo1
        ask D=bo1 N=3
        answer_snapshot S=3 D=bo1 N=3 M=1
        apply_snapshot D=bo1 S=3
        so not over bo1 1
        so heard bo1 1 revoked''',
    'an ending is forgotten': '''
        open_room R=hall
        enter R=hall U=ana D=ana1
        tap_call Q=ask D=ana1
        call Q=ask X=1,2 callees=1:bo,2:cy T=30
        ask D=bo1 N=1
        answer_snapshot S=1 D=bo1 N=1
        hear_ring D=bo1 C=1
        tick AT=30
        hear_stop D=bo1 C=1 P=timedOut W=nobody
        forget_ending D=bo1 C=1
        so outdated bo1 1
        ask D=bo1 N=2
        ask_anew D=bo1
        so not asking bo1 2
        cannot apply_snapshot D=bo1 S=1
        hear_ring D=bo1 C=1
        so not known bo1 1''',
}

# What each break does harm to: a run that is possible with it, and without it is not.
HARMS = {
    'accept-what-ended': CALL_BO + '''
        hear_ring D=bo1 C=1
        hear_ring D=bo2 C=1
        tap_accept Q=yes1 D=bo1 C=1
        tap_accept Q=yes2 D=bo2 C=1
        accept Q=yes1
        hear_won Q=yes1
        accept Q=yes2
        hear_won Q=yes2
        against S3_one_device_joins''',
    'answer-before-clock': CALL_BO + '''
        hear_ring D=bo1 C=1
        tap_accept Q=yes D=bo1 C=1
        accept Q=yes AT=30
        against S5_no_answer_at_the_deadline''',
    'call-who-rings': CALL_BO + '''
        tap_call Q=again D=ana1
        call Q=again X=2 callees=2:bo T=30
        against S1_single_active_call''',
    'ring-where-they-are': CALL_BO + '''
        open_room R=yard
        enter R=yard U=bo D=bo1
        against S1_single_active_call''',
    'reuse-a-number': CALL_BO + '''
        revoke R=hall D=ana1 X=1
        tap_call Q=again D=ana1
        call Q=again X=1 callees=1:bo T=30
        against S2_one_ending''',
    'call-twice': CALL_BO + '''
        revoke R=hall D=ana1 X=1
        call Q=ask X=2 callees=2:bo T=30
        against S6_a_retry_has_one_effect''',
    'late-ring-rings': CALL_BO + '''
        revoke R=hall D=ana1 X=1
        hear_stop D=bo1 C=1 P=revoked W=ana1
        hear_ring D=bo1 C=1
        against S4_no_resurrection''',
    'stale-snapshot': CALL_BO + '''
        ask D=bo1 N=1
        answer_snapshot S=1 D=bo1 N=1
        revoke R=hall D=ana1 X=1
        answer_snapshot S=2 D=bo1 N=1 M=1
        apply_snapshot D=bo1 S=2
        apply_snapshot D=bo1 S=1 L=1
        against S4_no_resurrection''',
    'forget-and-listen': CALL_BO + '''
        ask D=bo1 N=1
        answer_snapshot S=1 D=bo1 N=1
        revoke R=hall D=ana1 X=1
        hear_stop D=bo1 C=1 P=revoked W=ana1
        forget_ending D=bo1 C=1
        apply_snapshot D=bo1 S=1 L=1
        against S4_no_resurrection''',
    'forget-without-floor': CALL_BO + '''
        revoke R=hall D=ana1 X=1
        hear_stop D=bo1 C=1 P=revoked W=ana1
        forget_ending D=bo1 C=1
        hear_ring D=bo1 C=1
        against S4_no_resurrection''',
    'own-echo': CALL_BO + '''
        hear_ring D=bo1 C=1
        hear_ring D=bo2 C=1
        tap_accept Q=yes1 D=bo1 C=1
        tap_accept Q=yes2 D=bo2 C=1
        accept Q=yes1
        hear_stop D=bo2 C=1 P=accepted W=bo1
        against S3_one_device_joins''',
    'snapshot-over-ending': CALL_BO + '''
        ask D=bo1 N=1
        answer_snapshot S=1 D=bo1 N=1
        revoke R=hall D=ana1 X=1
        hear_stop D=bo1 C=1 P=revoked W=ana1
        apply_snapshot D=bo1 S=1 L=1
        against S4_no_resurrection''',
}

NAMES = {User: 'ana bo cy dee', Device: 'nobody ana1 bo1 bo2 cy1 dee1', Room: 'hall yard', Attempt: '1 2 3 4 5 6',
         Request: 'ask again too yes yes1 yes2 no more', Ask: '1 2 3', Snapshot: '1 2 3', Time: '0 20 30 40',
         Revision: '0 1 2 3 4 5 6 7 8 9'}
PICKS = {f.name(): f for f in (switchboard.X, switchboard.E, switchboard.M, switchboard.OLD, switchboard.callees,
                               switchboard.elsewhere, handset.L, handset.TOLD, handset.HOW, handset.BY)}
PARAMETERS = {str(x): x for x in (C, D, W, U, R, Q, N, S, P, AT, NEXT, switchboard.T, switchboard.NEVER,
                                  switchboard.EMPTY, switchboard.YES)}


def elements(run):
    """Each sort has the elements that the run names, all different; phases and verbs have theirs."""
    used = {*re.findall(r'\w+', run), 'nobody', '0'}
    named = {}
    for sort, names in NAMES.items():
        names = [name for name in names.split() if name in used or sort is Revision]
        named[sort] = {name: nobody if name == 'nobody' else Const(f'{sort.name()}_{name}', sort) for name in names}
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
    picks = {f: Function(f.name() + suffix, f.domain(0), f.range()) for f in PICKS.values()}
    facts = [fact for f in picks.values() for fact in closed(f, f.domain(0))]
    facts += [Or([x == one for one in universe[x.sort()]]) for x in new.values() if x.sort() in universe]
    chosen = lambda f, name: picks[f](named[Attempt][name])
    for word in words:
        key, _, value = word.partition('=')
        if key in PARAMETERS:
            x = PARAMETERS[key]
            facts.append(new[x] == (named[x.sort()][value] if value else True))
        elif PICKS[key].range() == Bool:
            facts += [chosen(PICKS[key], name) == (name in value.split(',')) for name in named[Attempt]]
        else:
            facts += [chosen(PICKS[key], pair.split(':')[0]) == named[PICKS[key].range()][pair.split(':')[1]]
                      for pair in value.split(',')]
    return [z3.substitute_funs(z3.substitute(formula, *new.items()),
                               *((f, to(z3.Var(0, f.domain(0)))) for f, to in picks.items()))
            for formula in formulas], facts


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
    facts = [*axioms(), *init(state), *closed(owner, Device), state.clock == named[Time]['0'],
             state.now == named[Revision]['0']]
    for sort, before in ((Attempt, older), (Time, earlier), (Revision, less)):
        facts += [before(x, y) for i, x in enumerate(universe[sort]) for y in universe[sort][i + 1:]]
    facts += [z3.Distinct(universe[sort]) for sort in NAMES if len(universe[sort]) > 1]
    facts += [owner(x) == named[User][name[:-1]] for name, x in named[Device].items() if name != 'nobody']
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
