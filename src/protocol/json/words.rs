//! The words of the seed as JSON: strings out; strings or the seed's numbers in (J-04).

use core::fmt;

use serde::de::{Error, Unexpected, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{
    ActiveCalls, CallRejectionReason, CallResult, CallStatus, CallerLeft, EndingKind, InOtherRoom,
    MayCall, OutcomesTo, Role, Rule,
};

/// The spelling of each value of an enum.
macro_rules! spelled {
    ($name:ident { $($variant:ident $word:literal),+ $(,)? }) => {
        impl $name {
            /// The word of the wire form.
            pub const fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.word())
            }
        }
    };
}

/// Reading such a word, or its number where the seed gives it one.
macro_rules! readable {
    ($name:ident $expected:literal { $($word:literal $(or $number:literal)? => $variant:ident),+ }) => {
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Word;

                impl Visitor<'_> for Word {
                    type Value = $name;

                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str($expected)
                    }

                    fn visit_str<E: Error>(self, word: &str) -> Result<$name, E> {
                        match word {
                            $($word => Ok($name::$variant),)+
                            _ => Err(E::invalid_value(Unexpected::Str(word), &self)),
                        }
                    }

                    fn visit_u64<E: Error>(self, number: u64) -> Result<$name, E> {
                        match number {
                            $($($number => Ok($name::$variant),)?)+
                            _ => Err(E::invalid_value(Unexpected::Unsigned(number), &self)),
                        }
                    }
                }

                deserializer.deserialize_any(Word)
            }
        }
    };
}

spelled!(CallStatus { None "none", Calling "calling", Timeout "timeout", Rejected "rejected" });
readable!(CallStatus "none, calling, timeout, rejected or their number 0 to 3" {
    "none" or 0 => None, "calling" or 1 => Calling, "timeout" or 2 => Timeout,
    "rejected" or 3 => Rejected
});

spelled!(CallResult {
    Success "success", AlreadyInCalling "alreadyInCalling", AlreadyInRoom "alreadyInRoom",
});

spelled!(CallRejectionReason { Rejected "rejected", InOtherRoom "inOtherRoom" });
readable!(CallRejectionReason "rejected, inOtherRoom or their number 0 or 1" {
    "rejected" or 0 => Rejected, "inOtherRoom" or 1 => InOtherRoom
});

spelled!(EndingKind {
    Accepted "accepted",
    Rejected "rejected",
    InOtherRoom "inOtherRoom",
    TimedOut "timedOut",
    Cancelled "cancelled",
    Revoked "revoked",
    Entered "entered",
});

spelled!(Role { Owner "owner", Admin "admin", Participant "participant" });
readable!(Role "owner, admin or participant" {
    "owner" => Owner, "admin" => Admin, "participant" => Participant
});

spelled!(ActiveCalls { PerUser "perUser", PerRoom "perRoom" });
readable!(ActiveCalls "perUser or perRoom" { "perUser" => PerUser, "perRoom" => PerRoom });

spelled!(InOtherRoom { Reject "reject", Ring "ring" });
readable!(InOtherRoom "reject or ring" { "reject" => Reject, "ring" => Ring });

spelled!(CallerLeft {
    KeepRinging "keepRinging",
    CancelCalls "cancelCalls",
    CancelIfRoomEmpty "cancelIfRoomEmpty",
});
readable!(CallerLeft "keepRinging, cancelCalls or cancelIfRoomEmpty" {
    "keepRinging" => KeepRinging, "cancelCalls" => CancelCalls,
    "cancelIfRoomEmpty" => CancelIfRoomEmpty
});

spelled!(MayCall { Anyone "anyone", Admins "admins" });
readable!(MayCall "anyone or admins" { "anyone" => Anyone, "admins" => Admins });

spelled!(OutcomesTo { CallingDevice "callingDevice", AllDevices "allDevices" });
readable!(OutcomesTo "callingDevice or allDevices" {
    "callingDevice" => CallingDevice, "allDevices" => AllDevices
});

impl Serialize for Rule {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.id())
    }
}
