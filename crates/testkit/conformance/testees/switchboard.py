#!/usr/bin/env python3
"""A part of a switchboard, written from the rules alone: rooms, calls, answers, cancels and timeouts under the default policy.

It says `skip` where it has no answer, so it passes what it claims: the whole protocol in a program that fits on a page.
"""
import json, sys


class Skip(Exception):
    """The part that is missing."""


class Switchboard:
    def __init__(self, setup):
        if setup["level"] != "core":
            raise Skip("only the core")
        usual = {"activeCalls": "perUser", "inOtherRoom": "reject", "callerLeft": "ring", "mayCall": "everyone",
                 "outcomesTo": "callingDevice", "joinGrace": 0}
        limits = setup["limits"]
        if setup["policy"] != usual or limits["callees"] < 100 or limits["keptPerRoom"] < 200:
            raise Skip("only the default policy and limits")
        self.clock, self.attempts, self.rooms = 0, 0, {}  # rooms: who is in each
        self.live, self.kept = {}, {}  # live: attempt -> call; kept: (room, callee) -> attempt

    def step(self, record):
        self.out, self.clock = [], max(self.clock, record["at"])  # T-02
        due = sorted((call["deadline"], attempt) for attempt, call in self.live.items() if call["deadline"] <= self.clock)
        for _, attempt in due:  # T-03
            self.end(attempt, "E-04", "timeout", ("onCallTimeout", {}), "onCallTimeout", self.live[attempt]["caller"])
        answer = None
        if "tick" not in record:
            kind, body = next(iter(record.get("fact", record.get("command", {"a query": {}})).items()))
            handle = getattr(self, kind, None)
            if record.get("by") == "backend" or handle is None or kind.startswith("_"):
                raise Skip(kind)
            effects, self.out = self.out, []
            answer = handle(body, record.get("by"))
            self.out = effects + self.out
        return ([{"at": self.clock} | answer] if answer else []) + self.out  # J-05

    def roomOpened(self, fact, _):
        if fact["roomID"] in self.rooms:
            raise Skip("opened while open")
        self.rooms[fact["roomID"]] = (len(self.rooms) + 1, set())
        return {"answer": {"fact": {"opening": len(self.rooms)}}}

    def userEntered(self, fact, _):
        user, (opening, inside) = fact["userID"], self.room(fact)
        rings = any(call["callee"] == user for call in self.live.values())
        if rings or any(user in users for _, users in self.rooms.values()) or (fact["roomID"], user) in self.kept:
            raise Skip("somebody who is called, or in a room, enters")
        inside.add(user)
        return {"answer": {"fact": {"opening": opening}}}

    def callUserToRoom(self, command, by):
        room, (_, inside) = command["roomID"], self.room(command)
        timeout, text = command.get("timeout", 30), command.get("extensionInfo") or ""
        if by["user"] not in inside or not 0 < timeout <= 300 or not command["userIDList"] or len(text) > 4:
            raise Skip("a refusal")
        results = {}
        for callee in dict.fromkeys(command["userIDList"]):  # C-03
            if callee in inside:
                results[callee] = "alreadyInRoom"  # C-04
            elif any(call["callee"] == callee for call in self.live.values()):
                results[callee] = "alreadyInCalling"  # C-05
            elif any(callee in users for _, users in self.rooms.values()):
                raise Skip("in another room")
            else:
                results[callee] = "success"  # C-06
                self.attempts += 1
                call = self.live[self.attempts] = {"room": room, "caller": by, "callee": callee,
                                                   "deadline": self.clock + timeout * 1000}
                received = {"extensionInfo": text, "timeLeft": timeout * 1000}
                self.tell({"user": callee}, "onCallReceived", "C-01", self.attempts, call, "calling", **received)
                self.out[-1]["wake"] = True
                because = "C-10" if self.kept.pop((room, callee), None) else "C-02"
                self.tell({"room": room}, "onPendingCallChanged", because, self.attempts, call, "calling")
        return {"answer": {"callUserToRoom": results}}

    def acceptCall(self, command, by):
        attempt, handled = self.meant(command, by), {"isAccepted": True, "deviceID": by["device"]}
        self.end(attempt, "E-01", "none", ("onCallHandledByOtherDevice", handled), "onCallAccepted",
                 self.live[attempt]["caller"], {"user": by["user"], "exceptDevice": by["device"]})
        return {"answer": {"acceptCall": {"attempt": attempt}}}

    def rejectCall(self, command, by):
        attempt, handled = self.meant(command, by), {"isAccepted": False, "deviceID": by["device"]}
        reason = command.get("reason", "rejected")
        reason = reason if isinstance(reason, str) else ["rejected", "inOtherRoom", "busy"][reason]  # J-04
        self.end(attempt, "E-02", "rejected", ("onCallHandledByOtherDevice", handled), "onCallRejected",
                 self.live[attempt]["caller"], {"user": by["user"], "exceptDevice": by["device"]}, reason=reason)
        return {"answer": {"rejectCall": {"attempt": attempt}}}

    def meant(self, command, by):  # E-11
        self.room(command)
        for attempt, call in self.live.items():
            if (call["room"], call["callee"]) == (command["roomID"], by["user"]) and command.get("attempt") in (None, attempt):
                return attempt
        raise Skip("an answer to nothing that rings")

    def room(self, body):
        if body.get("roomID") not in self.rooms:
            raise Skip("an unknown room")
        return self.rooms[body["roomID"]]

    def end(self, attempt, because, status, stop, outcome, caller, callee=None, **more):  # O-01: callee, caller, room
        call = self.live.pop(attempt)
        self.tell(callee or {"user": call["callee"]}, stop[0], because, attempt, call, status, **stop[1])
        self.tell(caller, outcome, because, attempt, call, status, **more)
        if status != "none":
            self.kept[call["room"], call["callee"]] = attempt  # K-01
        changed = "onPendingCallRemoved" if status == "none" else "onPendingCallChanged"
        self.tell({"room": call["room"]}, changed, because, attempt, call, status)

    def tell(self, to, event, because, attempt, call, status, **more):
        body = {"roomID": call["room"], "attempt": attempt} | more
        if event != "onCallHandledByOtherDevice":
            body["call"] = {"caller": call["caller"]["user"], "callee": call["callee"], "status": status}
        self.out.append({"at": self.clock, "to": to, "event": {event: body}, "because": because})


board = None
for line in sys.stdin:
    line = json.loads(line)
    if "end" in line:
        continue
    try:
        if "conformance" in line:
            board = Switchboard(line)
            said = {"ready": True}
        else:
            said = {"outputs": board.step(line)}
    except Skip as why:
        said = {"skip": str(why)}
    print(json.dumps(said), flush=True)
