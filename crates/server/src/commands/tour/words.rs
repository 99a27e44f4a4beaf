//! What a device was told, in words.

use roomcall::CallRejectionReason;
use roomcall::handset::{Dismissal, Effect, Progress, Stage};
use roomcall_server::client::Told;

/// What somebody sees who looks at the device; `None` for what nobody needs to see.
pub(super) fn words(told: &Told) -> Option<String> {
    let Told::Effect(effect) = told else { return None };
    Some(match effect {
        Effect::Show { call, .. } => format!("rings: {} calls into {}", call.caller, call.room),
        Effect::Dismiss { why: Dismissal::AnsweredHere, .. } => "answered here".to_owned(),
        Effect::Dismiss { why, .. } => format!("stops ringing: {}", dismissal(why)),
        Effect::Update { stage: Stage::Accepting, .. } => "taps yes".to_owned(),
        Effect::Update { stage: Stage::Rejecting, .. } => "taps no".to_owned(),
        Effect::Learned { why, .. } => format!("learns how it ended: {}", dismissal(why)),
        Effect::Join { room } => format!("goes into {room}"),
        Effect::Progress { callee, progress, .. } => {
            format!("sees: {callee} {}", standing(progress)?)
        }
        Effect::NotSent { .. } => "cannot send: too much is unanswered".to_owned(),
        Effect::Update { .. }
        | Effect::Report { .. }
        | Effect::Listed { .. }
        | Effect::Unlisted { .. }
        | Effect::Answered { .. }
        | Effect::Send { .. }
        | _ => return None,
    })
}

fn dismissal(why: &Dismissal) -> String {
    let on = |device: &Option<String>| match device {
        Some(device) => format!(" on {device}"),
        None => " elsewhere".to_owned(),
    };
    match why {
        Dismissal::Silenced => "its own clock says it is time".to_owned(),
        Dismissal::Gone => "it is over".to_owned(),
        Dismissal::TimedOut => "nobody answered".to_owned(),
        Dismissal::Cancelled => "the caller withdrew it".to_owned(),
        Dismissal::Revoked { operator: Some(operator) } => format!("{operator} ended it"),
        Dismissal::Revoked { operator: None } => "the backend ended it".to_owned(),
        Dismissal::InOtherRoom => "in another room".to_owned(),
        Dismissal::RejectedElsewhere { device } => format!("rejected{}", on(device)),
        Dismissal::AnsweredElsewhere { device } => format!("answered{}", on(device)),
        Dismissal::RejectedHere => "rejected here".to_owned(),
        Dismissal::AnsweredHere => "answered here".to_owned(),
        _ => "for a new reason".to_owned(),
    }
}

fn standing(progress: &Progress) -> Option<String> {
    Some(match progress {
        Progress::Asking => return None,
        Progress::AlreadyInRoom => "is in the room already".to_owned(),
        Progress::AlreadyInCalling => "is being called already".to_owned(),
        Progress::Refused { code } => format!("cannot be called ({code})"),
        Progress::NotSent => "was not called".to_owned(),
        Progress::Calling => "is called".to_owned(),
        Progress::Ringing => "hears it ring".to_owned(),
        Progress::Unknown => "is not followed any more".to_owned(),
        Progress::TimedOut => "did not answer".to_owned(),
        Progress::Rejected { reason: Some(CallRejectionReason::InOtherRoom) } => {
            "is in another room".to_owned()
        }
        Progress::Rejected { reason: Some(CallRejectionReason::Busy) } => "is busy".to_owned(),
        Progress::Rejected { .. } => "said no".to_owned(),
        Progress::Cancelled => "is not called any more".to_owned(),
        Progress::Revoked { operator: Some(by) } => format!("is not called any more, by {by}"),
        Progress::Revoked { operator: None } => "is not called any more, by the backend".to_owned(),
        Progress::Accepted => "comes".to_owned(),
        _ => return None,
    })
}
