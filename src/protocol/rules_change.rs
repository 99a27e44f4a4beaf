//! What a fact changes of the policy and the limits (F-19): what it leaves out stays.

use serde::{Deserialize, Serialize};

use crate::{ActiveCalls, CallerLeft, InOtherRoom, Limits, MayCall, OutcomesTo, Policy};

macro_rules! change {
    ($(#[$about:meta])* $name:ident of $whole:ident { $($field:ident: $type:ty,)+ }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
        #[serde(rename_all = "camelCase", deny_unknown_fields)]
        pub struct $name {
            $(
                #[doc = concat!("See [`", stringify!($whole), "::", stringify!($field), "`].")]
                #[serde(default, skip_serializing_if = "Option::is_none")]
                pub $field: Option<$type>,
            )+
        }

        impl $name {
            /// What is different in `new`.
            #[must_use]
            pub fn between(old: &$whole, new: &$whole) -> Self {
                Self { $($field: Some(new.$field).filter(|new| *new != old.$field)),+ }
            }

            /// All values, of which those that it has are changed.
            #[must_use]
            pub fn of(self, whole: $whole) -> $whole {
                // A new field must not be left out.
                let $whole { $($field),+ } = whole;
                $whole { $($field: self.$field.unwrap_or($field)),+ }
            }
        }
    };
}

change! {
    /// Other values of the policy (F-19).
    ///
    /// ```
    /// use roomcall::protocol::PolicyChange;
    /// use roomcall::{ActiveCalls, Policy};
    ///
    /// let change = PolicyChange { active_calls: Some(ActiveCalls::PerRoom), ..PolicyChange::default() };
    /// let policy = Policy { active_calls: ActiveCalls::PerRoom, ..Policy::DEFAULT };
    /// assert_eq!(change.of(Policy::DEFAULT), policy);
    /// ```
    PolicyChange of Policy {
        active_calls: ActiveCalls,
        in_other_room: InOtherRoom,
        caller_left: CallerLeft,
        may_call: MayCall,
        outcomes_to: OutcomesTo,
        join_grace: u32,
    }
}

change! {
    /// Other values of limits (F-19).
    ///
    /// ```
    /// use roomcall::Limits;
    /// use roomcall::protocol::LimitsChange;
    ///
    /// let change = LimitsChange { rooms: Some(9), ..LimitsChange::default() };
    /// assert_eq!(change.of(Limits::DEFAULT), Limits { rooms: 9, ..Limits::DEFAULT });
    /// ```
    LimitsChange of Limits {
        callees: u32,
        timeout_max: u32,
        never: bool,
        extension_bytes: u32,
        live_calls_per_room: u32,
        kept_per_room: u32,
        ended_per_room: u32,
        live_calls: u32,
        id_bytes: u32,
        page_size: u32,
        rooms: u32,
        participants_per_room: u32,
        admins_per_room: u32,
        held_names: u32,
        requests_per_requester: u32,
        requesters: u32,
        calls_per_minute: u32,
        rated_users: u32,
        logged_per_user: u32,
        logged_calls: u32,
        logged_for: u32,
    }
}
