//! Call logs in images (H-01 to H-05).

use super::Change;
use crate::switchboard::snapshot::image::{
    AnswerImage, ByImage, EndingImage, EntryImage, Image, WhatImage,
};

/// The entry of bo, who rejected.
fn rejected<'a>(image: &'a mut Image<'_>) -> &'a mut EntryImage {
    &mut image.log[0]
}

/// The entry of jo, whom hal tried to call, twice.
fn tried<'a>(image: &'a mut Image<'_>) -> &'a mut EntryImage {
    let is_try = |entry: &&mut EntryImage| matches!(entry.what, WhatImage::Tried { .. });
    image.log.iter_mut().find(is_try).unwrap()
}

/// The entry of kim, whose call was revoked by hal with the room: the last one.
fn revoked<'a>(image: &'a mut Image<'_>) -> &'a mut EntryImage {
    image.log.last_mut().unwrap()
}

fn ended(entry: &mut EntryImage) -> (&mut u64, &mut u8, &mut ByImage, &mut Option<u8>) {
    let WhatImage::Ended { attempt, kind, by, reason } = &mut entry.what else {
        panic!("it ended")
    };
    (attempt, kind, by, reason)
}

fn ending(attempt: u64) -> EndingImage {
    EndingImage { kind: 3, attempt, by: ByImage { user: None, device: None } }
}

/// Each changes one field to another value that can be.
pub(super) const CHANGES: &[Change] = &[
    ("what the revision counts besides", |image| image.noted += 1),
    ("the number of an entry", |image| {
        image.noted += 2;
        revoked(image).number += 2;
    }),
    ("the user of an entry", |image| revoked(image).user = 2),
    ("the caller of an entry", |image| tried(image).caller = 2),
    ("the room of an entry", |image| tried(image).room = 0),
    ("a room that is not open", |image| image.closed_rooms[0] = "den"),
    ("the time of an entry", |image| revoked(image).at -= 1),
    ("how often it was tried", |image| tried(image).what = WhatImage::Tried { count: 3 }),
    ("the attempt of an entry", |image| *ended(revoked(image)).0 = 1),
    ("how the attempt of an entry ended", |image| {
        let (_, kind, by, _) = ended(revoked(image));
        (*kind, *by) = (3, ByImage { user: None, device: None });
    }),
    ("that the backend ended it", |image| {
        *ended(revoked(image)).2 = ByImage { user: None, device: None };
    }),
    ("on which device it was ended", |image| {
        let by = ended(revoked(image)).2;
        by.device = by.device.map(|device| if device == 0 { 1 } else { 0 });
    }),
    ("the reason of an entry", |image| *ended(rejected(image)).3 = Some(1)),
    ("a mark", |image| image.marks.clear()),
    ("where a mark is", |image| image.marks[0].1 -= 1),
    ("whose mark it is", |image| {
        let (user, number) = {
            let last = revoked(image);
            (last.user, last.number)
        };
        image.marks[0] = (user, number);
    }),
    ("an ending in no such room", |image| {
        image.requesters[4].requests[0].answer = AnswerImage::NoSuchRoom(ending(1));
    }),
    ("an ending of no such call", |image| {
        image.requesters[4].requests[0].answer = AnswerImage::NoSuchCall(ending(1));
    }),
    ("another attempt of no such call", |image| {
        image.requesters[4].requests[0].answer = AnswerImage::NoSuchCall(ending(2));
    }),
    ("a mark that was answered", |image| {
        image.requesters[4].requests[0].answer = AnswerImage::CallsSeen { seen: 3 };
    }),
    ("another mark that was answered", |image| {
        image.requesters[4].requests[0].answer = AnswerImage::CallsSeen { seen: 4 };
    }),
];

/// What no switchboard writes.
pub(super) const IMPOSSIBLE: &[Change] = &[
    ("an entry without a number", |image| rejected(image).number = 0),
    ("one number twice", |image| {
        let number = rejected(image).number;
        image.log[1].number = number;
    }),
    ("a number that has not come", |image| revoked(image).number = 99),
    ("a time that has not come", |image| revoked(image).at = 99),
    ("a time that is earlier than that before", |image| revoked(image).at = 1),
    ("a room that is not there", |image| revoked(image).room = 99),
    ("a room that is open and is not", |image| image.closed_rooms[0] = "standup"),
    ("a user that is not there", |image| revoked(image).user = 99),
    ("no try", |image| tried(image).what = WhatImage::Tried { count: 0 }),
    ("an attempt that was not made", |image| *ended(revoked(image)).0 = 99),
    ("an attempt of no number", |image| *ended(revoked(image)).0 = 0),
    ("an ending that is none", |image| *ended(revoked(image)).1 = 7),
    ("a reason of what was revoked", |image| *ended(revoked(image)).3 = Some(0)),
    ("a mark that moved to nowhere", |image| image.marks[0].1 = 0),
    ("a mark above all numbers", |image| image.marks[0].1 = 99),
    ("a mark twice", |image| image.marks.push(image.marks[0])),
    ("a mark of somebody without a log", |image| image.marks[0].0 = 0),
    ("too many entries of a user", |image| image.limits[18] = 0),
    ("too many entries", |image| image.limits[19] = 1),
];
