//! A scope as a graph: a node is what everybody knows and what was sent, an action is one message
//! that arrives, one tap, or time that passes. What was sent may arrive at any time, again and
//! again, or never.

use std::collections::BTreeSet;

use roomcall::Tick;
use roomcall::handset::{DeviceTick, Effect, Handset, Input, Link, Request, Stage, Tap};
use roomcall::protocol::{Actor, Command, Fact, Input as NamedInput, Outcome, Record};
use roomcall::switchboard::Switchboard;

use super::super::pushes::Came;
use super::beside::{Beside, Step};
use super::expected::Expected;
use super::history::{History, Seen};
use super::intern::{Interned, Memo};
use super::scopes::{DEVICES, LIMITS, Plan};
use crate::hosting;

#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Node {
    pub(super) board: u32,
    pub(super) devices: [u32; DEVICES],
    /// What was sent, as the number of a set of messages.
    pub(super) sent: u32,
    pub(super) clock: u8,
    /// When the clock of each device began, in seconds.
    began: [u8; DEVICES],
    facts: u8,
    inputs: u8,
    restarts: u8,
    pub(super) history: History,
    pub(super) beside: [Beside; DEVICES],
    pub(super) expected: Expected,
}

#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Action {
    Start,
    /// A message arrives; it may arrive again.
    Deliver(u32),
    /// A second passes, on all clocks.
    Second,
    /// The switchboard's host looks at its clock.
    Sweep,
    Fact(u8),
    Accept {
        device: u8,
        attempt: u64,
    },
    Reject {
        device: u8,
        attempt: u64,
    },
    Input(u8),
    Restart(u8),
}

#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) enum Message {
    ToBoard { by: Actor, request_id: Option<u64>, request: Request },
    ToDevice { device: usize, input: Input },
}

/// A switchboard, what it is told under which number, and when.
type Asked = (u32, NamedInput, Option<u64>, u8);

/// A handset, what it is told, whether it is restarted before, and when.
type Felt = (u32, Vec<Input>, bool, u8);

pub struct World {
    pub plan: Plan,
    pub(super) boards: Interned<Switchboard>,
    pub(super) handsets: Interned<Handset>,
    pub(super) messages: Interned<Message>,
    pub(super) sets: Interned<BTreeSet<u32>>,
    outcomes: Memo<Asked, (u32, Outcome)>,
    steps: Memo<Felt, (u32, Vec<Effect>)>,
}

impl World {
    pub fn new(plan: Plan) -> Self {
        Self {
            plan,
            boards: Interned::new(),
            handsets: Interned::new(),
            messages: Interned::new(),
            sets: Interned::new(),
            outcomes: Memo::new(),
            steps: Memo::new(),
        }
    }

    /// Everybody connected and nothing called.
    pub fn start(&mut self) -> Node {
        let board = self.boards.id(Switchboard::new(LIMITS, self.plan.policy));
        let sent = self.sets.id(BTreeSet::new());
        let mut node = Node {
            board,
            devices: [0; DEVICES],
            sent,
            clock: 0,
            began: [0; DEVICES],
            facts: 0,
            inputs: 0,
            restarts: 0,
            history: History::default(),
            beside: Default::default(),
            expected: Expected::default(),
        };
        let mut seen = Seen::default();
        for (room, owner) in self.plan.rooms.clone() {
            let (room, owner) = (String::from(room), String::from(owner));
            let opened = Fact::RoomOpened { room: room.clone(), owner: owner.clone() };
            let entered = Fact::user_entered(room, owner, "phone".into());
            for fact in [opened, entered] {
                self.board(&mut node, NamedInput::Fact(fact), None, &mut seen);
            }
        }
        for (at, (user, device)) in self.plan.devices.clone().into_iter().enumerate() {
            let handset = Handset::new(user, device, self.plan.settings);
            node.devices[at] = self.handsets.id(handset);
            let room = self.plan.rooms.iter().find(|(_, owner)| *owner == user);
            let room = room.map(|(room, _)| (*room).into());
            let inputs = vec![Input::InRoom(room), Input::Link(Link::Up)];
            self.device(&mut node, at, inputs, false, &mut seen);
        }
        self.deliver_all(&mut node, &mut seen);
        node.sent = self.sets.id(BTreeSet::new());
        for (request_id, (by, command)) in self.plan.scripts.clone().into_iter().enumerate() {
            let request = Request::Command(command);
            self.send(
                &mut node,
                Message::ToBoard { by, request_id: Some(request_id as u64 + 1), request },
            );
        }
        let calls = |command: &Command| matches!(command, Command::CallUserToRoom { .. });
        let scripted = self.plan.scripts.iter().filter(|(_, command)| calls(command)).count();
        node.history.asked = scripted as u8;
        node
    }

    pub fn actions(&self, node: Node) -> Vec<Action> {
        let mut actions: Vec<Action> =
            self.sets.get(node.sent).iter().map(|message| Action::Deliver(*message)).collect();
        if u64::from(node.clock) < self.plan.seconds {
            actions.push(Action::Second);
        }
        let now = Tick::from_millis(u64::from(node.clock) * 1_000);
        if self.boards.get(node.board).next_deadline().is_some_and(|at| at <= now) {
            actions.push(Action::Sweep);
        }
        let unused = |used: u8, len: usize| (0..len as u8).filter(move |n| used >> n & 1 == 0);
        actions.extend(unused(node.facts, self.plan.facts.len()).map(Action::Fact));
        actions.extend(unused(node.inputs, self.plan.inputs.len()).map(Action::Input));
        for device in 0..self.plan.devices.len() as u8 {
            let handset = self.handsets.get(node.devices[usize::from(device)]);
            for (attempt, stage) in handset.screen() {
                if matches!(stage, Stage::Ringing | Stage::Waiting) {
                    actions.push(Action::Accept { device, attempt });
                    actions.push(Action::Reject { device, attempt });
                }
            }
            if node.restarts < self.plan.restarts {
                actions.push(Action::Restart(device));
            }
        }
        actions
    }

    pub fn step(&mut self, mut node: Node, action: Action) -> (Node, Seen) {
        let mut seen = Seen::default();
        match action {
            Action::Start => {}
            Action::Deliver(message) => self.deliver(&mut node, message, &mut seen),
            Action::Second => {
                node.clock += 1;
                for device in 0..self.plan.devices.len() {
                    self.device(&mut node, device, vec![Input::Tick], false, &mut seen);
                }
            }
            Action::Sweep => self.board(&mut node, NamedInput::Tick, None, &mut seen),
            Action::Fact(at) => {
                node.facts |= 1 << at;
                let fact = self.plan.facts[usize::from(at)].clone();
                self.board(&mut node, NamedInput::Fact(fact.clone()), None, &mut seen);
                self.go(&mut node, &fact, &mut seen);
            }
            Action::Accept { device, attempt } => {
                let tap = Input::Tap(Tap::Accept { attempt });
                self.device(&mut node, usize::from(device), vec![tap], false, &mut seen);
            }
            Action::Reject { device, attempt } => {
                let reason = Default::default();
                let tap = Input::Tap(Tap::Reject { attempt, reason });
                self.device(&mut node, usize::from(device), vec![tap], false, &mut seen);
            }
            Action::Input(at) => {
                let (device, input) = self.plan.inputs[usize::from(at)].clone();
                node.history.asked += u8::from(matches!(input, Input::Tap(Tap::Call { .. })));
                // What is due is so before the input (D-02), and shows what there is to tap.
                self.device(&mut node, device, vec![Input::Tick], false, &mut seen);
                let before = node.devices[device];
                self.device(&mut node, device, vec![input], false, &mut seen);
                // What comes to nothing may come again.
                if node.devices[device] != before {
                    node.inputs |= 1 << at;
                }
            }
            Action::Restart(device) => {
                node.restarts += 1;
                node.began[usize::from(device)] = node.clock;
                let link = vec![Input::Link(Link::Up)];
                self.device(&mut node, usize::from(device), link, true, &mut seen);
                seen.situations.insert("a device restarts");
            }
        }
        self.rings_on(node, &mut seen);
        (node, seen)
    }

    /// The device on which somebody enters a room knows it.
    fn go(&mut self, node: &mut Node, fact: &Fact, seen: &mut Seen) {
        let (who, into) = match fact {
            Fact::UserEntered { room, user, device, .. } => {
                ((user, device.as_ref()), Some(room.clone()))
            }
            Fact::UserLeft { user, .. } | Fact::UserRemoved { user, .. } => ((user, None), None),
            _ => return,
        };
        for (at, (user, device)) in self.plan.devices.clone().into_iter().enumerate() {
            if who.0 == user && who.1.is_none_or(|on| on == device) {
                self.device(node, at, vec![Input::InRoom(into.clone())], false, seen);
            }
        }
    }

    pub(super) fn deliver(&mut self, node: &mut Node, message: u32, seen: &mut Seen) {
        match self.messages.get(message).clone() {
            Message::ToBoard { by, request_id, request } => {
                self.board(node, hosting::input(by, request), request_id, seen);
            }
            Message::ToDevice { device, input } => {
                let user = self.plan.devices[device].0;
                node.history.deliver(device, &input, user, node.clock);
                self.device(node, device, vec![input], false, seen);
            }
        }
    }

    fn send(&mut self, node: &mut Node, message: Message) {
        let message = self.messages.id(message);
        let mut sent = self.sets.get(node.sent).clone();
        if sent.insert(message) {
            node.sent = self.sets.id(sent);
        }
    }

    /// One input to the switchboard, and what it says to whom.
    pub(super) fn board(
        &mut self,
        node: &mut Node,
        input: NamedInput,
        request_id: Option<u64>,
        seen: &mut Seen,
    ) {
        let by = match &input {
            NamedInput::Ask { by, .. } | NamedInput::Query { by, .. } => self.device_of(by),
            NamedInput::Tick | NamedInput::Fact(_) => None,
        };
        let key = (node.board, input.clone(), request_id, node.clock);
        let turned = self.outcomes.get(&key).unwrap_or_else(|| {
            let mut board = self.boards.get(node.board).clone();
            let outcome = board.apply_record(&Record {
                at: u64::from(node.clock) * 1_000,
                request_id,
                input,
            });
            let board = self.boards.id(board);
            self.outcomes.put(key.clone(), (board, outcome))
        });
        let (board, outcome) = &*turned;
        node.board = *board;
        node.history.board(&key.1, outcome, by.map_or(0, |by| by + 1), &self.plan, seen);
        node.expected.follow(&key.1, outcome, &self.plan, &node.history, seen);
        for effect in &outcome.effects {
            for device in self.recipients(*board, &effect.to) {
                if self.plan.pushes && effect.wakes() {
                    let input = Input::Push { event: effect.event.clone(), age: 0 };
                    self.send(node, Message::ToDevice { device, input });
                }
                let input = Input::Notice(effect.event.clone());
                self.send(node, Message::ToDevice { device, input });
            }
        }
        if let (Some(device), Some(reply)) = (by, outcome.reply()) {
            self.send(node, Message::ToDevice { device, input: Input::Reply(reply) });
        }
    }

    /// Inputs to a device, and what it does.
    fn device(
        &mut self,
        node: &mut Node,
        at: usize,
        inputs: Vec<Input>,
        restarts: bool,
        seen: &mut Seen,
    ) {
        let came = Came::of(&inputs);
        let before = node.devices[at];
        let now = node.clock - node.began[at];
        let key = (before, inputs, restarts, now);
        let stepped = self.steps.get(&key).unwrap_or_else(|| {
            let mut handset = self.handsets.get(before).clone();
            if restarts {
                handset = handset.restart(Some(0));
            }
            let now = DeviceTick::from_millis(u64::from(now) * 1_000);
            let effects = handset.apply_all(now, key.1.clone());
            let handset = self.handsets.id(handset);
            self.steps.put(key.clone(), (handset, effects))
        });
        let accepting = self.accepting(node.devices[at]);
        let (handset, effects) = &*stepped;
        if came.are_answered(effects).is_err() {
            seen.breaks("each push is answered once");
        }
        node.devices[at] = *handset;
        node.history.device(effects, seen);
        let (before, after) = (self.handsets.get(before), self.handsets.get(*handset));
        let (inputs, clock) = (&key.1[..], node.clock);
        let step = Step { before, after, inputs, restarts, effects, clock };
        node.beside[at].follow(&step, seen);
        let (user, device) = self.plan.devices[at];
        for effect in effects {
            match effect {
                Effect::Send { request_id, request } => {
                    let by = Actor::Device { user: user.into(), device: device.into() };
                    let (request_id, request) = (*request_id, request.clone());
                    self.send(node, Message::ToBoard { by, request_id, request });
                }
                Effect::Join { .. } => {
                    node.history.join(at, accepting.unwrap_or(1), seen);
                }
                _ => {}
            }
        }
    }

    fn accepting(&self, handset: u32) -> Option<u64> {
        let mut screen = self.handsets.get(handset).screen();
        screen.find(|(_, stage)| *stage == Stage::Accepting).map(|(attempt, _)| attempt)
    }
}
