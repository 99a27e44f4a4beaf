"""The point: what follows from the invariant (GOALS), and what holds of every step (PROPERTIES)."""

from z3 import And, If, Implies, Not, Or

from model import *
from rooms import entered, left

GOALS, PROPERTIES = {}, {}
EXEMPT = {}  # for a property the actions that need not have it


def goal(*rules):
    def add(make):
        GOALS[make.__name__] = (rules, make)
        return make
    return add


def step(*rules, but=()):
    def add(make):
        PROPERTIES[make.__name__] = (rules, make)
        EXEMPT[make.__name__] = but
        return make
    return add


# The point.

@goal('C-07', 'INV-01', 'INV-02')
def S1_single_active_call(a):
    """At most one live attempt a user, or a room and user; one record a room and user; nobody rings where they are."""
    other = Or(a.callee(c) != a.callee(k), And(Not(perUser), a.room(c) != a.room(k)))
    return And(every([c, k], Implies(And(live(a, c), live(a, k), c != k), other)),
               every([c, k], Implies(And(is_record(a, c), is_record(a, k), c != k),
                                     Or(a.callee(c) != a.callee(k), a.room(c) != a.room(k)))),
               every([c, r], Implies(And(live(a, c), a.inside(a.callee(c), r)),
                                     And(Not(rejectsElsewhere), r != a.room(c)))),
               every([u, c, r], Implies(Not(a.open(r)), And(Not(a.inside(u, r)), Not(And(is_record(a, c),
                                                                                        a.room(c) == r))))))


@goal('T-01', 'E-17', 'E-09', 'D-05')
def S2_one_ending(a):
    """Whoever hears of an ending, by event, refusal or snapshot, hears the same: the one that it was. Everyone who was
    told to ring is told to stop."""
    says = lambda x, how: Or(a.told(x, how, d), And(a.lost(q, how, d), a.about(q) == x),
                             And(a.snap(s), a.tells(s, x, how, d)), a.heard(d, x, how))
    return And(every([c, p, d, q, s], Implies(says(c, p), And(is_ending(p), a.phase(c) == p))),
               every([c, p, p2, d, e], Implies(And(a.told(c, p, d), a.told(c, p2, e)), And(p == p2, d == e))),
               every([c], Implies(live(a, c), a.rung(c))),
               every([c], Implies(And(a.rung(c), Not(live(a, c))), a.told(c, a.phase(c), a.by(c)))))


@goal('E-01', 'D-12', 'D-28')
def S3_one_device_joins(a):
    """At most one device joins for an attempt: a device of the callee, the one that the switchboard took; and there it
    rings no more."""
    return And(every([c, d, e], Implies(And(a.joined(d, c), a.joined(e, c)), d == e)),
               every([c, d], Implies(a.joined(d, c), Not(a.known(d, c)))),
               every([c, d], Implies(a.joined(d, c), And(owner(d) == a.callee(c), a.by(c) == d, Implies(
                   Not(wide), a.phase(c) == ACCEPTED)))))


@goal('D-04', 'D-06', 'D-14', 'D-28')
def S4_no_resurrection(a):
    """What a device has learned to be over is over, and does not ring; nor will any message make it ring: no ring that
    comes is let in, and no snapshot that may be applied lists it, unless its ending is remembered. Nothing is
    remembered of what rings."""
    may_apply = Or(And(a.asking(d, a.snap_of(s)), Not(less(a.snap_rev(s), a.revision(d)))),
                   And(Not(a.outdated(d, a.snap_of(s))), less(a.revision(d), a.snap_rev(s))))
    return And(every([d, c], Implies(a.learned(d, c), And(ended(a, c), Not(a.known(d, c)),
                                                          Or(a.over(d, c), a.floor(d, c))))),
               every([d, c], Implies(a.over(d, c), Not(a.known(d, c)))),
               every([d, c, s], Implies(And(a.learned(d, c), a.snap(s), a.snap_to(s) == d, a.lists(s, c), may_apply),
                                        a.over(d, c))))


@goal('T-03', 'T-04', 'T-06', 'INV-03')
def S5_no_answer_at_the_deadline(a):
    """What is live is before its deadline; so was, when it ended, whatever did not time out; what timed out was not."""
    in_time = lambda x: Or(a.never(c), earlier(x, a.deadline(c)))
    return every([c], And(Implies(live(a, c), in_time(a.clock)),
                          Implies(ended(a, c), in_time(a.ended_at(c)) == (a.phase(c) != TIMED_OUT))))


@goal('X-02')
def S6_a_retry_has_one_effect(a):
    """A call that is sent again makes no second attempt of a callee, an answer ends what it names or nothing."""
    return And(every([q, c, k], Implies(And(a.made_by(q, c), a.made_by(q, k), c != k), a.callee(c) != a.callee(k))),
               every([q], Implies(a.won(q), And(a.by(a.about(q)) == a.asker(q), ended(a, a.about(q))))))


@goal('D-07', 'D-11')
def S7_one_answer_at_a_time(a):
    """A device has at most one unanswered accept, and an unanswered answer is of a call that is not over there."""
    return And(every([d, c, k], Implies(And(a.accepting(d, c), a.accepting(d, k)), c == k)),
               every([q], Implies(And(a.unanswered(q), is_answer(a, q)), And(
                   a.known(a.asker(q), a.about(q)), Not(a.learned(a.asker(q), a.about(q)))))))


@goal('C-06', 'Q-09', 'D-06', 'D-14', 'K-01', 'E-09')
def S8_the_model_is_faithful(a):
    """What the model keeps as sets is one number in the crate; kept records, and who ended an attempt, are as they must
    be."""
    cut = lambda has: Implies(And(has(k), older(c, k)), has(c))
    return And(every([c, k], cut(lambda x: made(a, x))),
               every([s, c, k], Implies(a.snap(s), cut(lambda x: a.seen(s, x)))),
               every([d, c, k], And(cut(lambda x: a.mark(d, x)), cut(lambda x: a.floor(d, x)))),
               every([c], Implies(a.kept(c), is_kept(a.phase(c)))),
               every([c], Implies(ended(a, c), Or(
                   And(is_kept(a.phase(c)), a.phase(c) != REJECTED, a.by(c) == nobody), a.phase(c) == REVOKED,
                   And(a.phase(c) == ENTERED, a.by(c) == nobody),
                   And(a.by(c) != nobody, owner(a.by(c)) == If(a.phase(c) == CANCELLED, a.caller(c), a.callee(c)))))))


@goal('F-04', 'F-05', 'F-11', 'F-13')
def S9_there_while_present(a):
    """A user is in a room while any presence is, which are apart; none is in a session that is remembered as ended;
    of a room that is not open nothing is remembered."""
    return And(every([u, r], a.inside(u, r) == some([i, v], a.present(u, r, i, v))),
               every([u, r], apart(lambda x, y: a.present(u, r, x, y))),
               every([u, r, i, v], Implies(a.past(u, r, v), And(a.open(r), v != no_session,
                                                                Not(a.present(u, r, i, v))))))


@goal('E-20', 'E-21', 'C-05', 'F-11', 'INV-01', 'INV-02', 'INV-03', 'INV-04')
def S10_who_accepts_is_expected(a):
    """Who is expected has accepted, that is no record, and the deadline is to come; the room is open, and they are
    neither in it, nor called or expected there by another attempt."""
    same = And(a.callee(c) == a.callee(k), a.room(c) == a.room(k))
    return And(every([c], Implies(a.expected(c), And(
        grace, a.phase(c) == ACCEPTED, owner(a.by(c)) == a.callee(c), earlier(a.clock, a.until(c)), a.open(a.room(c)),
        Not(a.inside(a.callee(c), a.room(c))), Not(is_record(a, c))))),
        every([c, k], Implies(And(a.expected(c), Or(a.expected(k), is_record(a, k)), same), c == k)))


@goal('F-13')
def S11_in_any_order(a):
    """Whatever has happened: when the entering and the leaving of one session have come, both in any order and however
    often, presences are the same, and so is what is remembered. That is of a session that is on one device, which is in
    no other session, and where no bound is reached."""
    enters, leaves = [lambda b, does=does: does(b, u, r, i, v) for does in (entered, left)]
    both = leaves(enters(a))
    alike = lambda b, b2: And(every([j, w], b.present(u, r, j, w) == b2.present(u, r, j, w)),
                              every([w], b.past(u, r, w) == b2.past(u, r, w)), b.inside(u, r) == b2.inside(u, r))
    is_alone = every([j, w], Implies(a.present(u, r, j, w), And(
        Implies(w == v, Or(j == i, j == unnamed, i == unnamed)),
        Implies(And(j == i, i != unnamed), Or(w == v, w == no_session)))))
    return every([u, r, i, v], Implies(And(v != no_session, is_alone), And(
        alike(enters(leaves(a)), both), alike(enters(both), both), alike(leaves(both), both),
        alike(enters(enters(a)), enters(a)), alike(leaves(leaves(a)), leaves(a)))))


@goal('F-07', 'F-08')
def S12_somebody_to_join(a):
    """Where the policy callerLeft says so, a call rings only while its caller, or anybody, is in the room."""
    return every([c], Implies(live(a, c), And(Implies(cancelCalls, a.inside(a.caller(c), a.room(c))),
                                              Implies(cancelIfRoomEmpty, some([u], a.inside(u, a.room(c)))))))


# What holds of every step, from a state a to a state b.

@step('T-01')
def ended_stays_ended(a, b):
    return every([c], Implies(ended(a, c), And(b.phase(c) == a.phase(c), b.by(c) == a.by(c),
                                               b.ended_at(c) == a.ended_at(c))))


@step('T-05', 'C-05', 'E-15')
def made_stays_as_it_was(a, b):
    return every([c], Implies(made(a, c), And(b.room(c) == a.room(c), b.callee(c) == a.callee(c),
                                              b.caller(c) == a.caller(c), b.calling(c) == a.calling(c),
                                              b.never(c) == a.never(c), b.deadline(c) == a.deadline(c))))


@step('C-06')
def numbers_are_used_once(a, b):
    """What is made stays made, and only what was not becomes live."""
    return every([c], And(Implies(made(a, c), made(b, c)), Implies(And(live(b, c), Not(live(a, c))), Not(made(a, c)))))


@step('C-01', 'C-08', 'E-17')
def only_new_calls_ring(a, b):
    """The devices are told to ring in the step that makes the call, and not if it ends at once."""
    return every([c], Implies(And(b.rung(c), Not(a.rung(c))), And(Not(made(a, c)), live(b, c))))


@step('T-02')
def clock_goes_on(a, b):
    return Not(earlier(b.clock, a.clock))


@step('Q-07')
def revision_counts(a, b):
    """It never goes back, and is a later one after whatever was made or ended."""
    return And(Not(less(b.now, a.now)), every([c], Implies(b.phase(c) != a.phase(c), less(a.now, b.now))))


@step('T-03', 'T-04')
def ends_in_time(a, b):
    """What ends in this step timed out, or has a later deadline than the clock."""
    return every([c], Implies(And(ended(b, c), Not(ended(a, c))),
                              (b.phase(c) != TIMED_OUT) == Or(b.never(c), earlier(b.clock, b.deadline(c)))))


@step('E-17')
def told_when_it_ends(a, b):
    """An ending is told in the step that ends it, and in no other."""
    return every([c, p, d], Implies(And(b.told(c, p, d), Not(a.told(c, p, d))),
                                    And(Not(ended(a, c)), b.phase(c) == p, b.by(c) == d)))


@step('D-14', 'D-28')
def learned_stays_learned(a, b):
    return every([d, c], Implies(a.learned(d, c), And(b.learned(d, c), Not(b.known(d, c)))))


@step('D-12')
def joins_once(a, b):
    """Join is given by the step in which the device learns that its call is over: never by a second one."""
    return every([d, c], And(Implies(a.joined(d, c), b.joined(d, c)), Implies(
        And(b.joined(d, c), Not(a.joined(d, c))), And(a.known(d, c), Not(a.learned(d, c)), b.learned(d, c)))))


@step('D-24')
def device_revision_goes_on(a, b):
    return every([d], Not(less(b.revision(d), a.revision(d))))


@step('F-13', but=['list_present'])
def past_sessions_stay_past(a, b):
    """No entering in a session that is remembered as ended brings it back, but a list does."""
    return every([u, r, i, v], Implies(a.past(u, r, v), Not(b.present(u, r, i, v))))


@step('E-16')
def accepting_is_signalling(a, b):
    """Who accepts is in no other rooms by that."""
    return every([c, u, r], Implies(And(live(a, c), b.phase(c) == ACCEPTED), b.inside(u, r) == a.inside(u, r)))


@step('E-20')
def who_accepts_is_expected(a, b):
    """In the step that accepts, and nobody else ever comes to be."""
    return every([c], And(b.expected(c), Not(a.expected(c))) == And(live(a, c), b.phase(c) == ACCEPTED, grace))


@step('E-20', 'E-21', but=['remove'])
def nothing_else_ends_expecting(a, b):
    """Who is expected is that until they come in, the room goes or the deadline is reached, which does not change."""
    return every([c], Implies(a.expected(c), If(
        b.expected(c), b.until(c) == a.until(c),
        Or(b.inside(a.callee(c), a.room(c)), Not(b.open(a.room(c))), Not(earlier(b.clock, a.until(c)))))))
