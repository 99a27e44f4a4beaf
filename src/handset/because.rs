//! The rule behind each effect of a handset.

use super::output::{Dismissal, Effect, Request};
use crate::Rule;
use crate::protocol::Query;

impl Effect {
    /// The rule behind it.
    ///
    /// ```
    /// use roomcall::Rule;
    /// use roomcall::handset::Effect;
    /// assert_eq!(Effect::Join { room: "standup".into() }.rule(), Rule::D12);
    /// ```
    pub const fn rule(&self) -> Rule {
        match self {
            Self::Dismiss { why: Dismissal::Silenced, .. } => Rule::D13,
            Self::Dismiss { why: Dismissal::AnsweredHere, .. } => Rule::D12,
            Self::Dismiss { .. } => Rule::D09,
            Self::Update { .. } => Rule::D07,
            Self::Show { .. } | Self::Report { .. } => Rule::D06,
            Self::Learned { .. } => Rule::D10,
            Self::Join { .. } => Rule::D12,
            Self::Progress { .. } => Rule::D21,
            Self::Listed { .. } | Self::Unlisted { .. } => Rule::D22,
            Self::Answered { .. } => Rule::D20,
            Self::NotSent { .. } => Rule::D18,
            Self::Send { request: Request::Command(_), .. } => Rule::D15,
            Self::Send { request: Request::Query(Query::GetIncomingCalls { .. }), .. } => Rule::D16,
            Self::Send { request: Request::Query(Query::GetPendingCalls { .. }), .. } => Rule::D23,
        }
    }
}
