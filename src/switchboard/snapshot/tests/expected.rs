//! What has rung and who is expected, in images (C-14, E-20).

use super::Change;
use crate::switchboard::snapshot::image::{ExpectedImage, Image, LiveImage};

/// The call of cy, which has rung.
fn rung<'a, 'b>(image: &'a mut Image<'b>) -> &'a mut LiveImage<'b> {
    &mut image.rooms[0].live[0]
}

/// The expectation of eve, who accepted.
fn eve<'a>(image: &'a mut Image<'_>) -> &'a mut ExpectedImage {
    &mut image.rooms[0].expected[0]
}

/// Each changes one field to another value that can be.
pub(super) const CHANGES: &[Change] = &[
    ("how long somebody is expected", |image| image.join_grace = 5),
    ("how many have rung", |image| image.attempts_rung += 1),
    ("whether a call has rung", |image| rung(image).has_rung = false),
    ("nobody who is expected", |image| image.rooms[0].expected.clear()),
    // Of the last attempt nothing else is known.
    ("the attempt that was accepted", |image| eve(image).attempt = 7),
    ("who is expected", |image| {
        let bo = image.rooms[0].ended[0].callee;
        (eve(image).attempt, eve(image).callee) = (7, bo);
    }),
    ("whose call was accepted", |image| {
        let bo = image.rooms[0].ended[0].callee;
        (eve(image).attempt, eve(image).caller) = (7, bo);
    }),
    ("no device whose call was accepted", |image| eve(image).device = None),
    ("the deadline of an expectation", |image| eve(image).deadline += 1),
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
        let &mut ExpectedImage { caller, device, deadline, .. } = eve(image);
        eve(image).attempt = 7;
        image.rooms[0].expected.push(ExpectedImage {
            attempt: 7,
            callee: bo,
            caller,
            device,
            deadline,
        });
    }),
    ("an attempt that somebody else rejected", |image| eve(image).attempt = 1),
    ("an attempt that rings", |image| eve(image).attempt = 2),
    ("what somebody else accepted", |image| {
        eve(image).callee = image.rooms[0].ended[0].callee;
    }),
    ("somebody who called", |image| {
        (eve(image).attempt, eve(image).caller) = (7, eve(image).callee)
    }),
    ("a deadline that no grace gives", |image| eve(image).deadline = u64::MAX >> 1),
    ("an expectation twice", |image| {
        let &mut ExpectedImage { attempt, callee, caller, device, deadline } = eve(image);
        let twice = ExpectedImage { attempt, callee, caller, device, deadline };
        image.rooms[0].expected.push(twice);
    }),
    ("somebody who is there and expected", |image| {
        eve(image).callee = image.rooms[0].members[0].user;
    }),
    ("somebody who is called and expected", |image| eve(image).callee = rung(image).callee),
    ("an expectation without a deadline", |image| eve(image).deadline = 0),
    ("an expectation that is over", |image| eve(image).deadline = 14),
    ("an attempt that was not made", |image| eve(image).attempt = 99),
    ("an attempt of no number", |image| eve(image).attempt = 0),
    ("a user that is not there", |image| eve(image).callee = 99),
    ("a caller that is not there", |image| eve(image).caller = 99),
    ("a device that is not there", |image| eve(image).device = Some(99)),
];
