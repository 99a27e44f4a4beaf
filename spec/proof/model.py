"""The model of the unbounded proof: sorts, state, and what the actions are made of.

Any number of users, rooms, devices, attempts, requests, snapshots and moments: each is a sort of which nothing is known
but what is written here. The actions are in rooms.py (the rules F), switchboard.py (T C E K Q X) and handset.py (D);
what always holds is in invariant.py and invariant_rooms.py, what is to be proved in goals.py, and prove.py proves it.
Rule ids are those of ../rules.md.

An action is a guard and the state after it, written as functions of the state before it; the rules that it stands for
are in the line above it. Formulas stay in a fragment that solvers decide: functions between sorts go one way only (from
snapshots and requests to devices and attempts, from attempts to devices, from devices to users and to their names), and
so does what exists for what is given: of a user in a room, names of devices and sessions.

More may happen here than by the rules, so what never happens here never happens by them:
 * Clock before command (T-03) is two actions, `tick` and then the input; others may come between.
 * Roles (F-09, P-02, P-03) and all limits (L) are left out: whoever they refuse here succeeds. An input that is refused
   or ignored is one that never comes, but for the reply, where a handset acts on it.
 * What E-18 forgets is forgotten at any moment: a late answer is refused with or without the ending, a snapshot tells
   of any of the endings (Q-09), a kept record may go at any time (K-03), and so may a session that ended (F-13). Of
   somebody's presences one may end at any time while another is left, as where there are too many (F-05).
 * Answers, cancels and revokes may be judged any number of times, as where no request is remembered (X-05); a numbered
   call is judged once (X-02 to X-04). A call without a number is another request each time.
 * Every message ever sent may be delivered now, later, many times, or never: it stays in a set.
 * A device's own clock, its link, its screen and its limits (D-02, D-09, D-13, D-15, D-17 to D-19) are left out: a call
   that is *known* may ring at any moment, a request may be sent at any moment, a call may be left out.

Not in the model: the extension text, paging, what the caller and the room see (C-02, D-20 to D-23), names (N), the wire
(J), restoring the switchboard (S), lost state (F-18), rules that change (F-19), replies that reach another device than
the one that asked, and a device that lost its saved state (it is another device here, and no reply to its earlier life
reaches it). A restart from saved state (D-25) gives up the question what rings, which is the action `stop_asking`. That
something good happens at last (D-28) is not proved here, only that nothing wrong ever does; and it is proved of the
rules as they are put here, not of the code.
"""

from z3 import (And, BoolSort, BoolVal, Const, Consts, DeclareSort, EnumSort, ForAll, Function, If, Implies, Not, Or,
                substitute)

User, Device, Name, Room, Session, Attempt, Request, Ask, Snapshot, Time, Revision = [
    DeclareSort(name) for name in
    ('User', 'Device', 'Name', 'Room', 'Session', 'Attempt', 'Request', 'Ask', 'Snapshot', 'Time', 'Revision')]
Bool = BoolSort()

# An attempt is fresh until it is made, then live, then ended in one of seven ways (section E).
Phase, phases = EnumSort('Phase', ['fresh', 'live', 'accepted', 'rejected', 'inOtherRoom', 'timedOut', 'cancelled',
                                   'revoked', 'entered'])
FRESH, LIVE, ACCEPTED, REJECTED, IN_OTHER_ROOM, TIMED_OUT, CANCELLED, REVOKED, ENTERED = phases
Verb, (CALL, ACCEPT, REJECT) = EnumSort('Verb', ['call', 'accept', 'reject'])

# What never changes.
owner = Function('owner', Device, User)
nobody = Const('nobody', Device)  # no device did it: the clock, the switchboard, or the backend; or it is unknown
named = Function('named', Device, Name)  # what a device is called among those of its user
unnamed, no_session = Const('unnamed', Name), Const('no_session', Session)  # what a fact leaves out (F-04)
older = Function('older', Attempt, Attempt, Bool)  # the order of attempt numbers (C-06)
earlier = Function('earlier', Time, Time, Bool)
less = Function('less', Revision, Revision, Bool)
perUser = Const('perUser', Bool)  # the policy activeCalls: perUser, else perRoom (C-07)
rejectsElsewhere = Const('rejectsElsewhere', Bool)  # the policy inOtherRoom: reject, else ring (C-08, C-09)
cancelCalls, cancelIfRoomEmpty = Consts('cancelCalls cancelIfRoomEmpty', Bool)  # the policy callerLeft (F-07, F-08)
grace = Const('grace', Bool)  # the policy joinGrace is above 0 (E-20)
wide = Const('wide', Bool)  # the host delivers notices more widely than they are addressed (D-01)

STATE = {
    # The switchboard.
    'clock': (Time,),
    'now': (Revision,),
    'open': (Room, Bool),
    'inside': (User, Room, Bool),
    'present': (User, Room, Name, Session, Bool),  # presences (F-04)
    'past': (User, Room, Session, Bool),  # the sessions that ended and are remembered (F-13)
    'phase': (Attempt, Phase),
    'room': (Attempt, Room),
    'callee': (Attempt, User),
    'caller': (Attempt, User),
    'calling': (Attempt, Device),  # the device that called
    'never': (Attempt, Bool),  # T-06
    'deadline': (Attempt, Time),  # where not never
    'by': (Attempt, Device),  # who ended it
    'ended_at': (Attempt, Time),  # the clock when it ended: seen by nobody, for the proof
    'kept': (Attempt, Bool),  # K-01
    'expected': (Attempt, Bool),  # its callee accepted, and is expected in its room (E-20)
    'until': (Attempt, Time),  # the deadline of that
    'judged': (Request, Bool),  # calls
    'made_by': (Request, Attempt, Bool),  # the attempts that a call made: for the proof
    # What was sent.
    'rung': (Attempt, Bool),  # onCallReceived
    'told': (Attempt, Phase, Device, Bool),  # the ending, to whoever hears of it; to the callee if it was rung
    'won': (Request, Bool),  # replies to accepts and rejects: success
    'lost': (Request, Phase, Device, Bool),  # refused, with the ending (E-09)
    'gone': (Request, Bool),  # refused with -2311 without one, or with 100004
    'refused': (Request, Bool),  # any other refusal
    'snap': (Snapshot, Bool),  # answers to getIncomingCalls
    'snap_to': (Snapshot, Device),
    'snap_of': (Snapshot, Ask),  # the request that it answers
    'snap_rev': (Snapshot, Revision),
    'lists': (Snapshot, Attempt, Bool),  # what rings
    'seen': (Snapshot, Attempt, Bool),  # the attempts up to lastAttempt
    'tells': (Snapshot, Attempt, Phase, Device, Bool),  # endings
    # Requests of devices: calls, accepts and rejects; and questions what rings.
    'tapped': (Request, Bool),
    'verb': (Request, Verb),
    'asker': (Request, Device),
    'about': (Request, Attempt),
    'asked': (Device, Ask, Bool),
    # The handsets.
    'known': (Device, Attempt, Bool),  # it may ring
    'over': (Device, Attempt, Bool),  # its ending is remembered (D-14)
    'listed': (Device, Attempt, Bool),  # by the last snapshot applied
    'mark': (Device, Attempt, Bool),  # the attempts up to the mark (D-14)
    'floor': (Device, Attempt, Bool),  # the attempts up to the floor (D-06)
    'revision': (Device, Revision),  # of the last snapshot applied
    'asking': (Device, Ask, Bool),  # the unanswered question what rings
    'outdated': (Device, Ask, Bool),  # questions that are older than D-14 allows
    'unanswered': (Request, Bool),
    'accepting': (Device, Attempt, Bool),
    'rejecting': (Device, Attempt, Bool),
    'joined': (Device, Attempt, Bool),  # it gave Join
    'learned': (Device, Attempt, Bool),  # it ever heard that it is over: for the proof
    'heard': (Device, Attempt, Phase, Bool),  # and how it ended, if it was told: for the proof
}


class State:
    """A state: for each name of STATE a function that gives the formula of its value."""

    def __init__(self, fields):
        self.__dict__.update(fields)

    @staticmethod
    def symbols(suffix=''):
        """The state of which nothing is known."""
        return State({name: Function(name + suffix, *sig) if len(sig) > 1 else Const(name + suffix, *sig)
                      for name, sig in STATE.items()})

    def but(self, **changed):
        """This state with some of it changed."""
        assert changed.keys() <= STATE.keys(), changed.keys() - STATE.keys()
        return State({**self.__dict__, **changed})


# Variables of quantifiers; what an action is about is in capitals.
c, k = Consts('c k', Attempt)
d, e = Consts('d e', Device)
u = Const('u', User)
r = Const('r', Room)
i, j = Consts('i j', Name)
v, w = Consts('v w', Session)
q = Const('q', Request)
n = Const('n', Ask)
s, z = Consts('s z', Snapshot)
p, p2 = Consts('p p2', Phase)
C = Const('C', Attempt)
D, W = Consts('D W', Device)
U = Const('U', User)
R = Const('R', Room)
I = Const('I', Name)
V = Const('V', Session)
Q = Const('Q', Request)
N = Const('N', Ask)
S = Const('S', Snapshot)
P = Const('P', Phase)
AT = Const('AT', Time)
NEXT = Const('NEXT', Revision)


universe = {}  # for runs.py: the elements of each sort, if they are to be few


def every(variables, body):
    """For all; where the universe is finite, one by one."""
    if not universe:
        return ForAll(variables, body)
    for variable in variables:
        body = And([substitute(body, (variable, element)) for element in universe[variable.sort()]])
    return body


def some(variables, body):
    return Not(every(variables, Not(body)))


def total_order(before, sort):
    x, y, x2 = Consts('x y x2', sort)
    return [every([x], Not(before(x, x))),
            every([x, y, x2], Implies(And(before(x, y), before(y, x2)), before(x, x2))),
            every([x, y], Or(before(x, y), x == y, before(y, x)))]


def axioms():
    """What is known of what never changes."""
    return [*total_order(older, Attempt), *total_order(earlier, Time), *total_order(less, Revision),
            Not(And(cancelCalls, cancelIfRoomEmpty)), named(nobody) == unnamed]


def init(a):
    """Nothing has happened; both the switchboard and the handsets begin with the same revision (0)."""
    nothing = []
    for name, (*domain, of) in STATE.items():
        variables = [Const(f'v{at}', sort) for at, sort in enumerate(domain)]
        if of == Bool and name != 'never':
            nothing.append(every(variables, Not(getattr(a, name)(*variables))))
    return [every([c], a.phase(c) == FRESH), every([d], a.revision(d) == a.now), *nothing]


def made(a, x):
    return a.phase(x) != FRESH


def live(a, x):
    return a.phase(x) == LIVE


def is_ending(how):
    return And(how != FRESH, how != LIVE)


def ended(a, x):
    return is_ending(a.phase(x))


def is_answer(a, x):
    return a.verb(x) != CALL


def is_kept(how):
    """K-01: the endings that keep the record."""
    return Or(how == TIMED_OUT, how == REJECTED, how == IN_OTHER_ROOM)


def is_record(a, x):
    return Or(live(a, x), a.kept(x))


def matches(i1, v1, i2, v2):
    """F-05: neither the devices nor the sessions of two presences differ; what is left out differs from nothing."""
    agree = lambda x, y, unknown: Or(x == y, x == unknown, y == unknown)
    return And(agree(i1, i2, unnamed), agree(v1, v2, no_session))


def apart(has):
    """Presences of one user in one room that do not match, and of which no two are on one device."""
    return every([i, v, j, w], Implies(And(has(i, v), has(j, w), Or(matches(i, v, j, w), And(i == j, i != unnamed))),
                                       And(i == j, v == w)))


def counts(a, which):
    """Q-07: the revision is later if anything was made or ended."""
    return Or(less(a.now, NEXT), And(NEXT == a.now, every([c], Not(which(c)))))


def ends(a, which, how, by, at=None):
    """T-01: some attempts end, all alike but for who did it. Everyone who hears of it hears of it now."""
    return a.but(
        phase=lambda x: If(which(x), how, a.phase(x)),
        by=lambda x: If(which(x), by(x), a.by(x)),
        ended_at=lambda x: If(which(x), a.clock if at is None else at, a.ended_at(x)),
        told=lambda x, y, w: Or(a.told(x, y, w), And(which(x), y == how, w == by(x))),
        kept=lambda x: Or(a.kept(x), And(which(x), is_kept(how))),
        now=NEXT)


class Step:
    """An action: if all of the guard holds before it, the state after it is `after`."""

    def __init__(self, guard, after):
        self.guard, self.after = guard, after


ACTIONS = {}  # name: (rules, function from the state before to a Step)
BREAKS = {}  # name: what is wrong with it
broken = set()


def action(*rules):
    def add(make):
        ACTIONS[make.__name__] = (rules, make)
        return make
    return add


def unless(name, what, otherwise=True):
    """A protection, and what it is when --break takes it away: a proof that cannot fail shows nothing."""
    assert name in BREAKS, name
    return BoolVal(otherwise) if name in broken else what
