// The three orders that the rules speak of: by attempt, by deadline, and as first named.
include "State.dfy"

// Attempts in rising order (O-01, F-11).
predicate method IsLeast(a: nat, xs: set<nat>) { a in xs && forall b :: b in xs ==> a <= b }

lemma LeastExists(xs: set<nat>)
  requires xs != {}
  ensures exists a :: IsLeast(a, xs)
  decreases |xs|
{
  var x :| x in xs;
  var rest := xs - {x};
  if rest == {} { assert xs == {x}; assert IsLeast(x, xs); }
  else {
    LeastExists(rest);
    var y :| IsLeast(y, rest);
    assert xs == rest + {x};
    if x <= y { assert IsLeast(x, xs); } else { assert IsLeast(y, xs); }
  }
}

function method Rising(xs: set<nat>): seq<nat>
  decreases |xs|
{
  if xs == {} then []
  else LeastExists(xs); var a :| IsLeast(a, xs); [a] + Rising(xs - {a})
}

predicate IsRising(xs: seq<nat>) { forall i, j :: 0 <= i < j < |xs| ==> xs[i] < xs[j] }

lemma RisingOk(xs: set<nat>)
  ensures IsRising(Rising(xs))
  ensures forall a :: a in Rising(xs) <==> a in xs
  decreases |xs|
{
  if xs != {} {
    LeastExists(xs);
    var a :| IsLeast(a, xs);
    var rest := Rising(xs - {a});
    assert Rising(xs) == [a] + rest;
    RisingOk(xs - {a});
    forall i, j | 0 <= i < j < |Rising(xs)| ensures Rising(xs)[i] < Rising(xs)[j] {
      assert Rising(xs)[j] == rest[j - 1] && rest[j - 1] in rest;
      if i > 0 { assert Rising(xs)[i] == rest[i - 1]; }
    }
  }
}

// Due attempts in the order (deadline, attempt) (T-03).
predicate method HasDeadline(c: Attempt, t: nat) { c.deadline.Some? && c.deadline.value <= t }
function method Due(live: map<nat, Attempt>, t: nat): set<nat> { set a | a in live && HasDeadline(live[a], t) }
predicate method NotAfter(live: map<nat, Attempt>, a: nat, b: nat)
  requires a in live && b in live && live[a].deadline.Some? && live[b].deadline.Some?
{
  live[a].deadline.value < live[b].deadline.value || (live[a].deadline.value == live[b].deadline.value && a <= b)
}
predicate method IsFirst(live: map<nat, Attempt>, a: nat, xs: set<nat>)
  requires forall b :: b in xs ==> b in live && live[b].deadline.Some?
{
  a in xs && forall b :: b in xs ==> NotAfter(live, a, b)
}

lemma FirstExists(live: map<nat, Attempt>, xs: set<nat>)
  requires xs != {} && forall b :: b in xs ==> b in live && live[b].deadline.Some?
  ensures exists a :: IsFirst(live, a, xs)
  decreases |xs|
{
  var x :| x in xs;
  var rest := xs - {x};
  if rest == {} { assert xs == {x}; assert IsFirst(live, x, xs); }
  else {
    FirstExists(live, rest);
    var y :| IsFirst(live, y, rest);
    assert xs == rest + {x};
    if NotAfter(live, x, y) { assert IsFirst(live, x, xs); } else { assert IsFirst(live, y, xs); }
  }
}

function method First(live: map<nat, Attempt>, xs: set<nat>): nat
  requires xs != {} && forall b :: b in xs ==> b in live && live[b].deadline.Some?
  ensures IsFirst(live, First(live, xs), xs)
{
  FirstExists(live, xs); var a :| IsFirst(live, a, xs); a
}

// Each name once, where it is first named (C-03, E-12, L-03).
function method Distinct(us: seq<nat>): seq<nat>
{
  if us == [] then []
  else
    var front := Distinct(us[..|us| - 1]);
    if us[|us| - 1] in front then front else front + [us[|us| - 1]]
}

lemma DistinctOk(us: seq<nat>)
  ensures forall u :: u in Distinct(us) <==> u in us
  ensures forall i, j :: 0 <= i < j < |Distinct(us)| ==> Distinct(us)[i] != Distinct(us)[j]
{
  if us != [] {
    DistinctOk(us[..|us| - 1]);
    assert us == us[..|us| - 1] + [us[|us| - 1]];
  }
}
