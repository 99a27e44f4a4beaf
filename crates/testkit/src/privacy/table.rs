//! Who may be told of a call by which line, and which details such a line may have.

/// Whom a call concerns.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Standing {
    Caller,
    Callee,
    OneOfTheTwo,
    /// Who is in the room.
    Inside,
    CallerOrInside,
    CalleeOrInside,
    /// Who revokes it.
    Operator,
}

/// What the rules say of one kind of line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    /// Who may know of the attempts in it.
    pub standing: Standing,
    /// Which of [`DETAILS`] it may have.
    pub details: &'static [&'static str],
}

/// The keys of what not everybody may know who knows of a call, and of what nobody may.
pub(super) const DETAILS: [&str; 8] =
    ["extensionInfo", "operator", "deviceID", "reason", "how", "rung", "sessionID", "opening"];

/// The row of a kind of line, by the key that the wire form has for it.
pub(super) fn row(about: &str) -> Option<Row> {
    use Standing::*;
    let (standing, details): (_, &[_]) = match about {
        // C-01, E-01 to E-03, E-07
        "onCallReceived" => (Callee, &["extensionInfo"]),
        "onCallHandledByOtherDevice" => (Callee, &["deviceID"]),
        // C-14, E-01, E-02, E-07, P-06
        "onCallRinging" | "onCallAccepted" => (Caller, &[]),
        "onCallRejected" => (Caller, &["reason"]),
        // E-04 to E-06
        "onCallTimeout" | "onCallCancelled" => (OneOfTheTwo, &[]),
        "onCallRevokedByAdmin" => (OneOfTheTwo, &["operator"]),
        // C-02, K-02, K-03, E-21
        "onPendingCallChanged" | "onPendingCallRemoved" => (Inside, &[]),
        "onCallNotJoined" => (CallerOrInside, &[]),
        //
        "callUserToRoom" | "cancelCall" => (Caller, &[]),
        "revokeCall" => (Operator, &[]),
        "acceptCall" | "rejectCall" => (Callee, &[]),
        // C-14
        "ringing" => (Callee, &["rung"]),
        // P-05, Q-01
        "getPendingCalls" => (CalleeOrInside, &[]),
        //
        "getIncomingCalls" => (Callee, &["extensionInfo", "rung", "how", "deviceID"]),
        "getMyCalls" => (OneOfTheTwo, &["extensionInfo", "rung", "how", "deviceID", "reason"]),
        // H-03, H-04; these name no attempt but the callee's own.
        "getCallLog" => (Callee, &["how", "deviceID"]),
        "markCallsSeen" | "onCallsSeen" => (Callee, &[]),
        // E-09, H-05
        "refused" => (Callee, &["how", "deviceID"]),
        _ => return None,
    };
    Some(Row { standing, details })
}
