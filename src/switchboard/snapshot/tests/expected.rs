//! What has rung and who is expected, in images (C-14, E-20).

use super::Change;
use crate::switchboard::snapshot::image::{ExpectedImage, Image, LiveImage};

/// The call of cy, which has rung.
fn rung<'a, 'b>(image: &'a mut Image<'b>) -> &'a mut LiveImage<'b> {
    &mut image.rooms[0].live[0]
}

/// The expectation of lou, who accepted.
fn lou<'a>(image: &'a mut Image<'_>) -> &'a mut ExpectedImage {
    &mut image.rooms[0].expected[0]
}

/// Each changes one field to another value that can be.
pub(super) const CHANGES: &[Change] = &[
    ("how long somebody is expected", |image| image.join_grace = 5),
    ("how many have rung", |image| image.attempts_rung += 1),
    ("whether a call has rung", |image| rung(image).has_rung = false),
    ("nobody who is expected", |image| image.rooms[0].expected.clear()),
    // Of the last attempt nothing else is known: its room is gone.
    ("the attempt that was accepted", |image| lou(image).attempt = 8),
    ("who is expected", |image| {
        let bo = image.rooms[0].ended[0].callee;
        (lou(image).attempt, lou(image).callee) = (8, bo);
    }),
    ("whose call was accepted", |image| {
        let bo = image.rooms[0].ended[0].callee;
        (lou(image).attempt, lou(image).caller) = (8, bo);
    }),
    ("no device whose call was accepted", |image| lou(image).device = None),
    ("the deadline of an expectation", |image| lou(image).deadline += 1),
];

/// What no switchboard writes.
pub(super) const IMPOSSIBLE: &[Change] = &[
    ("more that has rung than was made", |image| image.attempts_rung = 99),
    ("more that rings than has rung", |image| image.attempts_rung = 0),
    ("one more that has rung than rings and has ended", |image| {
        image.attempts_rung = image.attempts_ended + 2;
    }),
    ("one attempt that two accepted", |image| {
        let bo = image.rooms[0].ended[0].callee;
        let &mut ExpectedImage { caller, device, deadline, .. } = lou(image);
        lou(image).attempt = 8;
        image.rooms[0].expected.push(ExpectedImage {
            attempt: 8,
            callee: bo,
            caller,
            device,
            deadline,
        });
    }),
    ("an attempt that somebody else rejected", |image| lou(image).attempt = 1),
    ("an attempt that rings", |image| lou(image).attempt = 2),
    ("what somebody else accepted", |image| {
        lou(image).callee = image.rooms[0].ended[0].callee;
    }),
    ("somebody who called", |image| {
        (lou(image).attempt, lou(image).caller) = (8, lou(image).callee)
    }),
    ("a deadline that no grace gives", |image| lou(image).deadline = u64::MAX >> 1),
    ("an expectation twice", |image| {
        let &mut ExpectedImage { attempt, callee, caller, device, deadline } = lou(image);
        let twice = ExpectedImage { attempt, callee, caller, device, deadline };
        image.rooms[0].expected.push(twice);
    }),
    ("somebody who is there and expected", |image| {
        lou(image).callee = image.rooms[0].members[0].user;
    }),
    ("somebody who is called and expected", |image| lou(image).callee = rung(image).callee),
    ("an expectation without a deadline", |image| lou(image).deadline = 0),
    ("an expectation that is over", |image| lou(image).deadline = 14),
    ("an attempt that was not made", |image| lou(image).attempt = 99),
    ("an attempt of no number", |image| lou(image).attempt = 0),
    ("a user that is not there", |image| lou(image).callee = 99),
    ("a caller that is not there", |image| lou(image).caller = 99),
    ("a device that is not there", |image| lou(image).device = Some(99)),
];
