#!/usr/bin/env python3
"""A part of a handset, written from the rules alone: calls ring, are answered, and end; snapshots and requests are sent again.

Where it does not know the answer it says `skip`, so it passes what it claims: the protocol in a program of a page.
"""
import json, sys


class Skip(Exception):
    """The part that is missing."""


class Handset:
    def __init__(self, setup):
        if setup["level"] != "core" or min(setup["settings"][bound] for bound in ("calls", "endings", "requests")) < 8:
            raise Skip("only the core, with bounds that are not met")
        self.user, self.device, self.settings = setup["user"], setup["device"], setup["settings"]
        self.clock, self.up, self.ready, self.number, self.watermark, self.revision = 0, False, False, 1, 0, 0
        self.calls, self.over, self.stages, self.unanswered = {}, set(), {}, {}  # unanswered: id -> (request, first, last)

    def step(self, line):
        if "restart" in line or line["at"] < self.clock:
            raise Skip("restarts, and clocks that go back")
        self.clock, self.dismissed, self.joins, self.sends, self.told = line["at"], {}, [], {}, set()
        for _, deadline in self.calls.values():
            if deadline is not None and deadline <= self.clock:
                raise Skip("a deadline of its own")  # D-13
        for number, (request, first, last) in self.unanswered.items():  # D-17
            if last is not None and last + self.settings["retryInterval"] <= self.clock:
                self.send(number, request, first)
        if self.up and self.settings["refresh"] and self.asked + self.settings["refresh"] <= self.clock:
            self.ask()  # D-16
        for given in line["inputs"]:
            kind, body = next(iter(given.items())) if isinstance(given, dict) else (given, None)
            handle = getattr(self, "on_" + kind, None)
            if handle is None:
                raise Skip(kind)
            handle(body)
        return self.effects()

    def on_tick(self, _):
        pass

    def on_link(self, link):  # D-15, D-16
        self.up = link == "up"
        self.unanswered = {number: it for number, it in self.unanswered.items() if "query" not in it[0]}
        if self.unanswered:
            raise Skip("an answer that waits for a connection")
        if self.up:
            self.ask()

    def ask(self):
        if not any("query" in request for request, _, _ in self.unanswered.values()):
            since = min([self.watermark, *(attempt - 1 for attempt in self.calls)])
            self.asked = self.clock
            self.request({"query": {"getMyCalls": {"since": since}}})

    def request(self, request):
        self.send(self.number, request, self.clock)
        self.number += 1

    def send(self, number, request, first):
        self.unanswered[number] = (request, first, self.clock)
        self.sends[number] = {"send": {"requestID": number, "request": request}}

    def on_notice(self, event):
        kind, body = next(iter(event.items()))
        if kind not in ("onCallReceived", "onCallHandledByOtherDevice") and body["call"]["callee"] != self.user:
            raise Skip("a call by this user")
        attempt, device = body["attempt"], body.get("deviceID")
        if kind == "onCallReceived":  # D-06
            left = body["timeLeft"]
            if body["call"]["callee"] != self.user or attempt in self.over or attempt <= self.watermark:
                raise Skip("a ring that does not ring")
            self.rings(attempt, body, body["call"]["caller"], left, self.clock)
        elif kind == "onCallHandledByOtherDevice":  # D-05
            if device != self.device and body["isAccepted"]:
                self.quiet()
            elsewhere = {"answeredElsewhere" if body["isAccepted"] else "rejectedElsewhere": {"deviceID": device}}
            here = "answeredHere" if body["isAccepted"] else "rejectedHere"
            self.ends(attempt, here if device == self.device else elsewhere if device or body["isAccepted"] else "inOtherRoom")
        elif kind == "onCallRevokedByAdmin":
            operator = body["operator"]
            self.ends(attempt, {"revoked": {"operator": None if operator == "backend" else operator["user"]}})
        else:
            self.ends(attempt, {"onCallTimeout": "timedOut", "onCallCancelled": "cancelled"}.get(kind) or self.skip(kind))

    def rings(self, attempt, body, caller, left, since):
        if left is not None and since + left < self.clock + self.settings["minRing"]:
            raise Skip("too short a ring")
        call = {"attempt": attempt, "roomID": body["roomID"], "caller": caller, "extensionInfo": body["extensionInfo"]}
        self.calls[attempt] = (call, None if left is None else since + left)

    def ends(self, attempt, why):  # D-04, D-09, D-14
        if attempt not in self.calls and attempt in self.over:
            raise Skip("a second ending")
        if attempt in self.calls and (attempt not in self.stages or any(
                request["command"].values() for request, _, _ in self.unanswered.values() if "command" in request)):
            raise Skip("an ending of what is not shown, or is answered")
        self.over.add(attempt)
        if self.calls.pop(attempt, None):
            self.dismissed[attempt] = why

    def quiet(self):  # D-32
        if len(self.calls) > 1:
            raise Skip("quiet")
        self.quiet_until = self.clock + self.settings["joinQuiet"]

    def skip(self, kind):
        raise Skip(kind)

    def on_tap(self, tap):  # D-11
        kind, body = next(iter(tap.items()))
        attempt = body.get("attempt")
        if kind not in ("accept", "reject") or attempt not in self.stages or attempt not in self.calls or not self.ready:
            raise Skip("another tap")
        if any("command" in request for request, _, _ in self.unanswered.values()):
            raise Skip("two answers at once")
        about = {"roomID": self.calls[attempt][0]["roomID"], "attempt": attempt}
        self.request({"command": {"acceptCall": about} if kind == "accept" else {"rejectCall": about | {"reason": body["reason"]}}})

    def on_reply(self, reply):
        request, first, _ = self.unanswered.pop(reply["requestID"], None) or self.skip("a late reply")
        kind, body = next(iter(reply.get("answer", {"refusal": None}).items()))
        if kind == "getMyCalls":
            return self.apply(body, first, reply.get("nextRequestID", 0))
        if kind not in ("acceptCall", "rejectCall"):
            raise Skip("a refusal")
        call, _ = self.calls[body["attempt"]]  # D-12
        self.ends(body["attempt"], "answeredHere" if kind == "acceptCall" else "rejectedHere")
        if kind == "acceptCall":
            self.quiet()
            self.joins.append({"join": {"roomID": call["roomID"]}})

    def apply(self, mine, first, number):  # D-24
        listed = {call["attempt"] for call in mine["incoming"]}
        if mine["more"] or mine["revision"] < self.revision or mine["outgoing"] or mine["endings"] or mine.get("lastLogged") or set(self.calls) - listed or self.over & listed:
            raise Skip("a snapshot that says more than what rings")
        for call in mine["incoming"]:
            self.rings(call["attempt"], call, call["caller"], call["timeLeft"], first)
            if not call.get("rung"):
                self.told.add(call["attempt"])  # D-37
            elif call["attempt"] not in self.stages:
                raise Skip("it rings elsewhere")
        self.ready, self.revision, self.number = True, mine["revision"], max(self.number, number)
        self.watermark, self.over = max(self.watermark, mine["lastAttempt"]), set()

    def effects(self):  # D-07, D-03
        answers = {body["attempt"]: "accepting" if kind == "acceptCall" else "rejecting" for request, _, _ in
                   self.unanswered.values() if "command" in request for kind, body in request["command"].items()}
        stages, taken = {}, "accepting" in answers.values()
        for attempt in sorted(self.calls) if self.ready else ():
            stages[attempt] = answers.get(attempt) or ("waiting" if taken else "ringing")
            taken = taken or stages[attempt] == "ringing"
            if stages[attempt] == "ringing" != self.stages.get(attempt) and self.clock < getattr(self, "quiet_until", 0):
                raise Skip("quiet")
        new = sorted(set(stages) - set(self.stages))
        effects = [{"dismiss": {"attempt": attempt, "why": self.dismissed[attempt]}}
                   for attempt in sorted(self.stages) if attempt not in stages]
        effects += [{"update": {"attempt": attempt, "stage": stages[attempt]}}
                    for attempt in sorted(stages) if self.stages.get(attempt, stages[attempt]) != stages[attempt]]
        for attempt in new:
            call, deadline = self.calls[attempt]
            left = None if deadline is None else deadline - self.clock
            effects.append({"show": {"call": call, "stage": stages[attempt], "timeLeft": left}})
        effects += self.joins + [self.sends[number] for number in sorted(self.sends)]
        effects += [{"send": {"request": {"command": {"ringing": {"attempt": attempt}}}}}
                    for attempt in sorted({*new, *self.told}) if self.up and attempt in stages]
        self.stages = stages
        return effects


handset = None
for line in sys.stdin:
    line = json.loads(line)
    try:
        if "conformance" in line:
            handset = Handset(line)
            said = {"ready": True}
        elif "end" in line:
            said = {"ended": True}
        else:
            said = {"effects": handset.step(line)}
    except Skip as why:
        said = {"skip": str(why)}
    print(json.dumps(said), flush=True)
