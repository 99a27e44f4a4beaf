//! What goes to the active processor: items, joined to frames, of which few are on the way at once.

use std::collections::VecDeque;

use crate::wire::{Incarnation, Item, Question, ToActive};

/// Items in one frame at most.
const FRAME_ITEMS: usize = 512;

/// Where the items of a frame have more bytes, the next ones are in another frame.
const FRAME_BYTES: usize = 1 << 20;

/// Frames that are not acknowledged, at most.
const WINDOW: u64 = 64;

/// What an item has besides its texts, in bytes, rounded up.
const ITEM_BYTES: usize = 64;

/// The frames of one incarnation after the other.
#[derive(Debug)]
pub(super) struct Outbox {
    gateway: String,
    incarnation: Incarnation,
    /// The number of the next frame.
    next: u64,
    /// How many frames have come.
    received: u64,
    /// The frame with the end of the announcement, once it is sent.
    announced: Option<u64>,
    items: VecDeque<Item>,
}

impl Outbox {
    /// Nothing was sent. The first incarnation is the one after this.
    pub(super) fn new(gateway: String, incarnation: Incarnation) -> Self {
        let items = VecDeque::new();
        Self { gateway, incarnation, next: 0, received: 0, announced: None, items }
    }

    pub(super) fn gateway(&self) -> &str {
        &self.gateway
    }

    pub(super) fn incarnation(&self) -> Incarnation {
        self.incarnation
    }

    /// The next incarnation, which is above `known`, too: what is not sent is forgotten.
    pub(super) fn restart(&mut self, known: Incarnation) {
        self.incarnation = self.incarnation.max(known) + 1;
        (self.next, self.received, self.announced) = (0, 0, None);
        self.items.clear();
    }

    pub(super) fn push(&mut self, item: Item) {
        self.items.push_back(item);
    }

    /// Whether all is sent.
    pub(super) fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// The next frame, if there is something to send and may be sent.
    pub(super) fn frame(&mut self) -> Option<ToActive> {
        if self.items.is_empty() || self.unacknowledged() >= WINDOW {
            return None;
        }
        let (mut items, mut bytes) = (Vec::new(), 0);
        while items.len() < FRAME_ITEMS
            && let Some(item) = self.items.front()
        {
            bytes += size(item);
            if bytes > FRAME_BYTES && !items.is_empty() {
                break;
            }
            items.extend(self.items.pop_front());
        }
        let number = self.next;
        if items.contains(&Item::Announced) {
            self.announced = Some(number);
        }
        self.next += 1;
        let (gateway, incarnation) = (self.gateway.clone(), self.incarnation);
        Some(ToActive { gateway, incarnation, number, items })
    }

    /// So many frames have come. Whether that is more than was known.
    pub(super) fn acknowledge(&mut self, received: u64) -> bool {
        let is_more = received > self.received;
        self.received = received.clamp(self.received, self.next);
        is_more
    }

    /// Whether the whole announcement has come.
    pub(super) fn is_announced(&self) -> bool {
        self.announced.is_some_and(|number| number < self.received)
    }

    /// How many frames are on the way, or lost.
    pub(super) fn unacknowledged(&self) -> u64 {
        self.next - self.received
    }
}

/// How many bytes an item has, about.
pub(super) fn size(item: &Item) -> usize {
    let texts = match item {
        Item::Announce { .. } | Item::Announced | Item::Disconnect { .. } => 0,
        // A token has at most so many bytes, and so have its claims.
        Item::Again { .. } | Item::Connect { .. } => 512,
        Item::Request { record, .. } => record.len(),
        Item::Ask { question, .. } => match question {
            Question::Backend(text) | Question::Facts(text) | Question::Connected(text) => {
                text.len()
            }
            Question::Revoke(user, device) | Question::Kick(user, device) => {
                user.len() + device.as_ref().map_or(0, String::len)
            }
        },
    };
    texts + ITEM_BYTES
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(bytes: usize) -> Item {
        Item::Request { connection: 1, record: "x".repeat(bytes) }
    }

    #[test]
    fn items_are_joined_and_frames_are_bounded() {
        let mut outbox = Outbox::new("g".to_owned(), 7);
        outbox.restart(0);
        (0..FRAME_ITEMS + 1).for_each(|_| outbox.push(request(1)));
        for bytes in [FRAME_BYTES * 2, 1, FRAME_BYTES - 3 * ITEM_BYTES, 1] {
            outbox.push(request(bytes));
        }
        let frames: Vec<_> = std::iter::from_fn(|| outbox.frame()).collect();
        let sizes: Vec<_> = frames.iter().map(|it| it.items.len()).collect();
        assert_eq!(sizes, [FRAME_ITEMS, 1, 1, 2, 1]);
        assert!(frames.iter().all(|it| it.incarnation == 8));
        assert!(frames.iter().map(|it| it.number).eq(0..5));
    }

    #[test]
    fn so_many_frames_are_on_the_way() {
        let mut outbox = Outbox::new("g".to_owned(), 0);
        outbox.restart(0);
        let mut sent = 0;
        for _ in 0..2 * WINDOW {
            outbox.push(request(FRAME_BYTES));
            sent += u64::from(outbox.frame().is_some());
        }
        assert_eq!((sent, outbox.unacknowledged()), (WINDOW, WINDOW));
        assert!(outbox.acknowledge(3) && !outbox.acknowledge(3) && !outbox.acknowledge(1));
        assert_eq!(std::iter::from_fn(|| outbox.frame()).count(), 3);
        assert!(!outbox.is_empty());
        outbox.restart(99);
        assert!(outbox.is_empty() && outbox.incarnation() == 100 && outbox.unacknowledged() == 0);
    }

    #[test]
    fn it_is_announced_once_the_end_of_the_announcement_has_come() {
        let mut outbox = Outbox::new("g".to_owned(), 0);
        outbox.restart(0);
        for _ in 0..FRAME_ITEMS {
            outbox.push(request(1));
        }
        outbox.push(Item::Announced);
        assert_eq!(std::iter::from_fn(|| outbox.frame()).count(), 2);
        assert!(outbox.acknowledge(1) && !outbox.is_announced());
        assert!(outbox.acknowledge(2) && outbox.is_announced());
        outbox.restart(0);
        assert!(!outbox.is_announced());
    }
}
