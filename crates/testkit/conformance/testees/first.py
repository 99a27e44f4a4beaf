#!/usr/bin/env python3
"""A first handset: one call rings, is answered, and ends. What is not written yet is an `assert`, and makes the case skipped."""
import json, sys
from math import inf


class Handset:
    def __init__(self, setup):
        assert setup["level"] == "core", "optional parts"
        self.user, self.settings, self.call, self.sent = setup["user"], setup["settings"], None, None
        self.ready, self.quiet, self.number, self.refresh, self.due = False, False, 1, inf, inf

    def step(self, at, inputs):
        assert len(inputs) == 1 and inputs[0] != "tick" and at < self.due, "several inputs at once, and timers (D-02)"
        [(kind, body)] = inputs[0].items()
        assert kind in ("link", "reply", "tap", "notice"), kind
        effects = getattr(self, kind)(at, body)
        retry = at + self.settings["retryInterval"] if self.sent else inf
        self.due = min(self.refresh, retry, self.call["deadline"] if self.call else inf)
        return effects

    def send(self, request):
        self.sent, self.number = request, self.number + 1
        return {"send": {"requestID": self.number - 1, "request": request}}

    def link(self, at, link):  # D-16
        assert link == "up" and not self.sent and not self.ready, "a second connection"
        self.refresh = at + (self.settings["refresh"] or inf)
        return [self.send({"query": {"getMyCalls": {"since": 0}}})]

    def reply(self, at, reply):
        [(kind, body)] = reply.get("answer", {"refused": None}).items()
        if kind == "getMyCalls" and not self.ready:  # D-24
            assert not body["incoming"] + body["outgoing"] + body["endings"], "a snapshot that says something"
            self.ready, self.sent, self.number = True, None, max(self.number, reply.get("nextRequestID", 0))
            return []
        assert self.sent and kind in self.sent.get("command", ()), "other replies"
        call, self.call, self.sent, self.quiet = self.call, None, None, kind == "acceptCall"  # D-12, D-32
        dismiss = {"dismiss": {"attempt": call["attempt"], "why": "answeredHere" if self.quiet else "rejectedHere"}}
        return [dismiss, {"join": {"roomID": call["roomID"]}}] if self.quiet else [dismiss]

    def tap(self, at, tap):  # D-11
        [(kind, body)] = tap.items()
        assert kind in ("accept", "reject") and self.call and not self.sent, "other taps"
        assert body["attempt"] == self.call["attempt"], "a tap on another call"
        request = {"command": {kind + "Call": body | {"roomID": self.call["roomID"]}}}
        return [{"update": {"attempt": body["attempt"], "stage": kind + "ing"}}, self.send(request)]

    def notice(self, at, event):
        [(kind, body)] = event.items()
        assert self.ready and not self.quiet and not self.sent, "an event before a snapshot, or after an answer"
        assert body.get("call", {}).get("callee") == self.user, "events of others"
        attempt, left = body["attempt"], body.get("timeLeft")
        if kind != "onCallReceived":  # D-05
            why = {"onCallTimeout": "timedOut", "onCallCancelled": "cancelled"}.get(kind)
            assert why and self.call and self.call["attempt"] == attempt, "other endings"
            self.call = None
            return [{"dismiss": {"attempt": attempt, "why": why}}]
        assert not self.call and (left is None or left >= self.settings["minRing"]), "a second call, or a late one"
        call = {key: body[key] for key in ("attempt", "roomID", "extensionInfo")} | {"caller": body["call"]["caller"]}
        self.call = call | {"deadline": inf if left is None else at + left}
        show = {"show": {"call": call, "stage": "ringing", "timeLeft": left}}  # D-06
        return [show, {"send": {"request": {"command": {"ringing": {"attempt": attempt}}}}}]  # D-37


for line in map(json.loads, sys.stdin):
    try:
        assert "restart" not in line, "restarts"
        if "conformance" in line:
            handset, said = Handset(line), {"ready": True}
        elif "end" in line:
            said = {"ended": True}
        else:
            said = {"effects": handset.step(line["at"], line["inputs"])}
    except AssertionError as why:
        said = {"skip": str(why)}
    print(json.dumps(said), flush=True)
