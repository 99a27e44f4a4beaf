//! The live calls of a user, and all of them, for the backend: page by page (Q-12, Q-13), and how those
//! of a user are revoked (E-19).

use alloc::vec::Vec;

use super::decide::party;
use super::plan::{Change, Plan};
use super::query::LiveCall;
use super::state::{Call, Cause, State};
use super::{LiveCursor, Switchboard, cursor};
use crate::domain::id::UserId;
use crate::domain::input::{Actor, Which};
use crate::domain::output::{Answer, CalleeResult, WithdrawResult};
use crate::domain::policy::{Action, CallRelation, permits};
use crate::domain::refusal::Refusal;
use crate::domain::rule::Rule;

/// Which page of live calls.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct LivePage<'a> {
    /// The text of [`LiveCalls::next`] of the page before; `None` for the first page.
    pub cursor: Option<&'a str>,
    /// The most calls in the page.
    pub count: u32,
}

/// A page of live calls.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LiveCalls<'a> {
    /// The live attempts, in attempt order.
    pub calls: Vec<LiveCall<'a>>,
    /// Where the next page begins; `None` if this was the last.
    pub next: Option<LiveCursor>,
    /// Which of two such answers is the newer (Q-07).
    pub revision: u64,
}

impl Switchboard {
    /// A page of the live calls whose callee or caller is a user, for the backend (Q-12). It takes time
    /// for each live call of the user up to the last of the page.
    ///
    /// # Errors
    ///
    /// In this order: a stale handle (N-01), the page size (Q-05), a text that is no cursor (Q-03), not
    /// the backend (P-10), a cursor that was not given out (Q-04).
    ///
    /// ```
    /// use roomcall::switchboard::{LivePage, Switchboard};
    /// use roomcall::{Actor, Limits, Policy, Refusal};
    ///
    /// let mut board = Switchboard::new(Limits::DEFAULT, Policy::DEFAULT);
    /// let (user, device) = (board.intern_user("bo")?, board.intern_device("phone")?);
    /// let page = LivePage { cursor: None, count: 20 };
    /// let calls = board.user_calls(Actor::Backend, user, page)?;
    /// assert!(calls.calls.is_empty() && calls.next.is_none());
    /// let refused = board.user_calls(Actor::Device { user, device }, user, page);
    /// assert_eq!(refused, Err(Refusal::BackendOnly));
    /// # Ok::<(), Box<dyn core::error::Error>>(())
    /// ```
    pub fn user_calls(
        &self,
        by: Actor,
        user: UserId,
        page: LivePage<'_>,
    ) -> Result<LiveCalls<'_>, Refusal> {
        if !self.state.names.users.contains(user) {
            return Err(Refusal::StaleHandle);
        }
        self.live_page(by, Some(user), page)
    }

    /// A page of all live calls, for the backend (Q-13).
    ///
    /// # Errors
    ///
    /// As [`user_calls`](Self::user_calls).
    ///
    /// ```
    /// use roomcall::switchboard::{LivePage, Switchboard};
    /// use roomcall::{Actor, Limits, Policy};
    ///
    /// let board = Switchboard::new(Limits::DEFAULT, Policy::DEFAULT);
    /// let page = LivePage { cursor: None, count: 20 };
    /// let calls = board.live_calls(Actor::Backend, page)?;
    /// assert!(calls.calls.is_empty() && calls.next.is_none());
    /// # Ok::<(), roomcall::Refusal>(())
    /// ```
    pub fn live_calls(&self, by: Actor, page: LivePage<'_>) -> Result<LiveCalls<'_>, Refusal> {
        self.live_page(by, None, page)
    }

    fn live_page(
        &self,
        by: Actor,
        user: Option<UserId>,
        page: LivePage<'_>,
    ) -> Result<LiveCalls<'_>, Refusal> {
        if !self.state.knows(by) {
            return Err(Refusal::StaleHandle);
        }
        let mut calls = Vec::new();
        let next = self.state.each_live_call(by, user, page, |call| calls.push(call))?;
        Ok(LiveCalls { calls, next, revision: self.state.calls.revision() })
    }
}

impl State {
    /// The calls of a page, of a user or of everybody. Of somebody of whom nothing is known the handle
    /// stands for no name.
    pub(super) fn each_live_call<'a>(
        &'a self,
        by: Actor,
        user: Option<UserId>,
        page: LivePage<'_>,
        mut each: impl FnMut(LiveCall<'a>),
    ) -> Result<Option<LiveCursor>, Refusal> {
        let cursor = cursor::read(&self.limits, page.count, page.cursor, LiveCursor::parse)?;
        permits(self.policy.may_call, party(by), CallRelation::Stranger, Action::ActForUsers)?;
        let last = self.calls.last_attempt();
        if cursor.is_some_and(|cursor| !cursor.is_up_to(last)) {
            return Err(Refusal::ForeignCursor);
        }
        let cursor = cursor.unwrap_or(LiveCursor::first(last));
        let each = |call| each(self.live_call(call));
        Ok(match user {
            Some(user) => {
                let calls = self.calls.live_with(user, Which::Both).map(|(_, call)| call);
                cursor.page(calls, page.count, each)
            }
            None => cursor.page(self.calls.all_live(), page.count, each),
        })
    }

    /// E-19: the lowest attempts of a user.
    pub(super) fn revoke_user_calls(
        &self,
        by: Actor,
        user: UserId,
        which: Which,
        plan: &mut Plan,
    ) -> Result<Answer, Refusal> {
        if !self.names.users.contains(user) {
            return Err(Refusal::StaleHandle);
        }
        permits(self.policy.may_call, party(by), CallRelation::Stranger, Action::ActForUsers)?;
        let (cause, because) = (Cause::Revoked { by }, Rule::E19);
        let most = usize::try_from(self.limits.page_size).unwrap_or(usize::MAX).max(1);
        let mut calls = self.calls.live_with(user, which);
        for (position, call) in calls.by_ref().take(most) {
            let &Call { attempt, callee, .. } = call;
            plan.changes.push(Change::End { position, attempt, cause, because });
            let (result, attempt) = (WithdrawResult::Revoked, Some(attempt));
            plan.withdrawn.push(CalleeResult { callee, result, attempt });
        }
        Ok(Answer::UserCallsRevoked { more: calls.next().is_some() })
    }
}
