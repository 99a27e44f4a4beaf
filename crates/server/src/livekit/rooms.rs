//! What a webhook means: no I/O, and a small memory of which life of a room is the present one.
//!
//! LiveKit makes a room of a name, finishes it, and makes the next of the same name; each is told apart
//! by its `sid`. Here a room is open from the first word of one life until its end, or until the first
//! word of the next. So a late word of an earlier life changes nothing.
//!
//! Of one life the sessions tell late and repeated words apart (F-13), and that needs no memory here. A
//! device is not named, though an identity may have one: an entering that comes late would end the
//! newer session on the same device (F-05).
//!
//! The memory is lost when the server starts anew, and forgets the room that was longest unheard of. Of
//! a room that is not remembered the next word is taken for one of the present life. It is wrong only
//! if that is a late word of an earlier one.

use std::collections::VecDeque;
use std::num::NonZeroUsize;

use lru::LruCache;
use roomcall::protocol::{Actor, Fact};

use super::webhook::{Participant, Room, Webhook, WebhookError};

/// How many rooms are remembered.
const ROOMS: NonZeroUsize = NonZeroUsize::new(16_384).unwrap();

/// How many earlier lives of a room are remembered: only those that do not say when they were made
/// need it.
const EARLIER: usize = 8;

/// How names are read.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Scheme {
    /// What is between user and device in an identity; an identity without it is a user. If it is empty,
    /// every identity is a user as a whole.
    pub separator: String,
    /// The user who owns the rooms that LiveKit makes.
    pub owner: String,
}

/// Rooms with names are ids, identities are users without what is after `/`, and `livekit` owns all.
impl Default for Scheme {
    fn default() -> Self {
        Self { separator: "/".to_owned(), owner: "livekit".to_owned() }
    }
}

impl Scheme {
    /// The user of an identity.
    fn user(&self, participant: &Participant) -> Result<String, WebhookError> {
        let identity = &*participant.identity;
        let user = match &*self.separator {
            "" => identity,
            separator => identity.split_once(separator).map_or(identity, |(user, _)| user),
        };
        if user.is_empty() { Err(WebhookError::NoUser) } else { Ok(user.to_owned()) }
    }
}

/// The rooms that LiveKit spoke of.
#[derive(Debug)]
pub struct Rooms {
    scheme: Scheme,
    lives: LruCache<String, Life>,
}

/// The newest life of a room.
#[derive(Clone, Debug, Default)]
struct Life {
    sid: String,
    /// When it began, in milliseconds since 1970; 0 if that is not known.
    made: u64,
    is_over: bool,
    earlier: VecDeque<String>,
}

/// How a word stands to what is remembered.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Age {
    /// Of a life that is over, or of one before it.
    Late,
    /// Of the present life.
    Present,
    /// Of a life that was not heard of.
    New,
}

impl Rooms {
    /// None yet.
    pub fn new(scheme: Scheme) -> Self {
        Self { scheme, lives: LruCache::new(ROOMS) }
    }

    /// What a webhook means: nothing if it is of no room or no person, or of an earlier life of the room.
    ///
    /// # Errors
    ///
    /// Something that is needed is not in it.
    pub fn facts(&mut self, webhook: &Webhook) -> Result<Vec<Fact>, WebhookError> {
        match &*webhook.event {
            "room_started" => Ok(self.begun(webhook.room()?, true)),
            "room_finished" => Ok(self.finished(webhook.room()?)),
            // Who is gone before all was set up may have been told of as joined.
            joined_or_left @ ("participant_joined"
            | "participant_left"
            | "participant_connection_aborted") => {
                let (of, participant) = (webhook.room()?, webhook.participant()?);
                let user = self.scheme.user(participant)?;
                if !participant.is_person() || self.age(of) == Age::Late {
                    return Ok(Vec::new());
                }
                let (room, session) = (of.name.clone(), Some(participant.sid.clone()));
                if joined_or_left != "participant_joined" {
                    let left = Fact::UserLeft { room, user, device: None, session, opening: None };
                    return Ok(vec![left]);
                }
                let mut facts = self.begun(of, false);
                facts.push(Fact::UserEntered { room, user, device: None, session, opening: None });
                Ok(facts)
            }
            _ => Ok(Vec::new()),
        }
    }

    /// Opens a room at the first word of a life; `again` also where that is known already.
    fn begun(&mut self, room: &Room, again: bool) -> Vec<Fact> {
        let opened = Fact::RoomOpened { room: room.name.clone(), owner: self.scheme.owner.clone() };
        match self.age(room) {
            Age::Late => Vec::new(),
            Age::Present if again => vec![opened],
            Age::Present => Vec::new(),
            Age::New => {
                let mut facts = self.ended_before(room);
                self.lives.get_or_insert_mut(room.name.clone(), Life::default).follow(room);
                facts.push(opened);
                facts
            }
        }
    }

    fn finished(&mut self, room: &Room) -> Vec<Fact> {
        let is_unknown = !self.lives.contains(&room.name);
        let facts = match self.age(room) {
            Age::Late => return Vec::new(),
            Age::New if !is_unknown => self.ended_before(room),
            // Nothing is known of the room, so it may be open since before this server was started.
            Age::New | Age::Present => vec![dissolved(room)],
        };
        let life = self.lives.get_or_insert_mut(room.name.clone(), Life::default);
        life.follow(room);
        life.is_over = true;
        facts
    }

    /// That the life before this one is over, if nobody has said so.
    fn ended_before(&mut self, room: &Room) -> Vec<Fact> {
        let is_open = self.lives.peek(&room.name).is_some_and(|life| !life.is_over);
        if is_open { vec![dissolved(room)] } else { Vec::new() }
    }

    fn age(&mut self, room: &Room) -> Age {
        let Some(life) = self.lives.get(&room.name) else { return Age::New };
        if life.sid == room.sid {
            return if life.is_over { Age::Late } else { Age::Present };
        }
        let is_earlier = room.made() > 0 && room.made() < life.made;
        if is_earlier || life.earlier.contains(&room.sid) { Age::Late } else { Age::New }
    }
}

impl Life {
    /// Goes on to this life, if it is another.
    fn follow(&mut self, room: &Room) {
        if self.sid == room.sid {
            return;
        }
        let earlier = std::mem::replace(&mut self.sid, room.sid.clone());
        self.earlier.push_back(earlier);
        if self.earlier.len() > EARLIER {
            self.earlier.pop_front();
        }
        (self.made, self.is_over) = (room.made(), false);
    }
}

fn dissolved(room: &Room) -> Fact {
    Fact::room_dissolved(room.name.clone(), Actor::Backend)
}
