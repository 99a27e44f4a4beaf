"""Microseconds for one notice: a ring and its end, alternately. `--most N` fails above N."""
import sys
import time

from roomcall import CallStatus, Event, Handset, Input, Link, RoomCall

ROUNDS = 2_000


def call(status):
    return RoomCall(caller="ana", callee="bo", status=status)


def main() -> int:
    phone = Handset("bo", "phone")
    phone.apply(0, [Input.LINK(Link.UP)])
    answer = '{"at":0,"requestID":1,"answer":{"getMyCalls":{"incoming":[],"outgoing":[],"endings":[],"more":false,"since":0,"lastAttempt":0,"revision":0}},"nextRequestID":1}'
    phone.receive(0, answer)
    took = []
    for attempt in range(1, ROUNDS + 1):
        ring = Event.ON_CALL_RECEIVED("standup", call(CallStatus.CALLING), attempt, "about lunch", 30_000)
        end = Event.ON_CALL_CANCELLED("standup", call(CallStatus.NONE), attempt)
        for event in (ring, end):
            began = time.perf_counter()
            effects = phone.apply(attempt, [Input.NOTICE(event)])
            took.append(time.perf_counter() - began)
            assert effects, "a ring shows, and an end dismisses"
    took.sort()
    median, worst = took[len(took) // 2] * 1e6, took[len(took) * 99 // 100] * 1e6
    print(f"python: a notice takes {median:.0f} us (median), {worst:.0f} us (99 of 100)")
    most = float(sys.argv[sys.argv.index("--most") + 1]) if "--most" in sys.argv else None
    return 1 if most is not None and median > most else 0


sys.exit(main())
