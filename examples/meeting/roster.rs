//! Who is there, on which devices, and in which column.

/// Every device: its user and its own name. Its column is its place here.
pub(crate) const ROSTER: [(&str, &str); 9] = [
    ("ana", "phone"),
    ("ana", "laptop"),
    ("dee", "phone"),
    ("bo", "phone"),
    ("bo", "tablet"),
    ("cy", "phone"),
    ("cy", "tablet"),
    ("eve", "phone"),
    ("eve", "tablet"),
];

pub(crate) const ANA_PHONE: usize = 0;
pub(crate) const ANA_LAPTOP: usize = 1;
pub(crate) const DEE: usize = 2;
pub(crate) const BO_PHONE: usize = 3;
pub(crate) const BO_TABLET: usize = 4;
pub(crate) const CY_PHONE: usize = 5;
pub(crate) const CY_TABLET: usize = 6;
pub(crate) const EVE_PHONE: usize = 7;
pub(crate) const EVE_TABLET: usize = 8;
/// The column after the devices.
pub(crate) const BOARD: usize = ROSTER.len();

/// Where the meeting is: ana's room. The other one is dee's.
pub(crate) const STANDUP: &str = "standup";
pub(crate) const RETRO: &str = "retro";
