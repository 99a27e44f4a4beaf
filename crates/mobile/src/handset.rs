//! One signed-in device.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use roomcall::handset::{self as library, DeviceTick};
use roomcall::protocol::{Body, Frame, Output, lines};

use crate::convert::{InvalidValueError, convert, invalid, known};
use crate::types::{Effect, Input, Request, Settings, Stage};

/// A saved handset that cannot be restored (D-25). Trying again is of no use: sign the device in under a new
/// device id.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error, uniffi::Error)]
pub enum RestoreError {
    /// It is not a saved handset, or a damaged one.
    #[error("{reason}")]
    Damaged {
        /// What is wrong, and what to do.
        reason: String,
    },
    /// It is of another version.
    #[error("{reason}")]
    Version {
        /// That version.
        version: u32,
        /// What is wrong, and what to do.
        reason: String,
    },
    /// It is well-formed, and no handset can be in this state.
    #[error("{reason}")]
    Impossible {
        /// What is wrong, and what to do.
        reason: String,
    },
}

impl From<library::SavedError> for RestoreError {
    fn from(error: library::SavedError) -> Self {
        let reason = error.to_string();
        match error {
            library::SavedError::Version(version) => Self::Version { version, reason },
            library::SavedError::Impossible(_) => Self::Impossible { reason },
            _ => Self::Damaged { reason },
        }
    }
}

/// A call on the screen, and its stage (D-07).
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
pub struct OnScreen {
    /// Which attempt.
    pub attempt: u64,
    /// Its stage.
    pub stage: Stage,
}

/// One signed-in device of one user: it says what the screen shows and what is sent. It does no I/O.
///
/// Give it inputs, store [`save`](Self::save), carry out the effects in their order, and set a timer to
/// [`next_deadline`](Self::next_deadline). All times are milliseconds of a monotonic clock that starts with the process.
/// Several threads may use it; each call is one step.
#[derive(Debug, uniffi::Object)]
pub struct Handset(Mutex<library::Handset>);

impl Handset {
    fn lock(&self) -> MutexGuard<'_, library::Handset> {
        // A step that panicked has left what it had: the handset has no unsafe state.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn step(&self, now: u64, inputs: impl IntoIterator<Item = library::Input>) -> Vec<Effect> {
        let effects = self.lock().apply_all(DeviceTick::from_millis(now), inputs);
        known(&effects)
    }
}

#[uniffi::export]
impl Handset {
    /// A device that was never signed in before, not connected, its clock at 0. Without settings it has the
    /// defaults.
    ///
    /// # Errors
    ///
    /// The library refuses the settings.
    #[uniffi::constructor(default(settings = None))]
    pub fn new(
        user: String,
        device: String,
        settings: Option<Settings>,
    ) -> Result<Arc<Self>, InvalidValueError> {
        let settings = settings.as_ref().map(convert).transpose()?.unwrap_or_default();
        Ok(Arc::new(Self(Mutex::new(library::Handset::new(&user, &device, settings)))))
    }

    /// The device after its process was killed, `dead` milliseconds ago by the wall clock: since the last step that was saved.
    /// None if nobody knows. Its clock is at 0 (D-25). Carry out the effects of [`redraw`](Self::redraw) then.
    ///
    /// # Errors
    ///
    /// It is not what [`save`](Self::save) gave.
    #[uniffi::constructor(default(dead = None))]
    pub fn restore(saved: Vec<u8>, dead: Option<u64>) -> Result<Arc<Self>, RestoreError> {
        let damaged = |error: std::str::Utf8Error| RestoreError::Damaged {
            reason: library::SavedError::Damaged(error.to_string()).to_string(),
        };
        let saved = str::from_utf8(&saved).map_err(damaged)?;
        Ok(Arc::new(Self(Mutex::new(library::Handset::restore(saved, dead)?))))
    }

    /// Applies inputs that came together at `now`, in milliseconds, and gives what is to be done. No input at all is a tick.
    /// A ring and its end that come together make no sound (D-26).
    ///
    /// # Errors
    ///
    /// The library refuses one of the inputs. None of them was applied.
    pub fn apply(&self, now: u64, inputs: Vec<Input>) -> Result<Vec<Effect>, InvalidValueError> {
        let inputs = inputs.iter().map(convert).collect::<Result<Vec<_>, _>>()?;
        Ok(self.step(now, inputs))
    }

    /// Applies a text message of the server that came at `now`, in milliseconds: one line or several, together. A line that is not known is
    /// ignored: the server may be newer.
    pub fn receive(&self, now: u64, message: String) -> Vec<Effect> {
        let said =
            lines(message.as_bytes()).filter_map(|line| match Output::read(line).ok()?.body {
                Body::Effect(effect) => Some(library::Input::Notice(effect.event)),
                Body::Reply(reply) => Some(library::Input::Reply(reply)),
                // What is answered without a number is for nobody (D-37); or a later kind.
                _ => None,
            });
        self.step(now, said)
    }

    /// The state, to be stored before the effects of a step are carried out (D-25).
    pub fn save(&self) -> Vec<u8> {
        self.lock().save().into_bytes()
    }

    /// What draws the screen anew: after a restart, or when an app comes back. It is no news, and makes no
    /// sound.
    pub fn redraw(&self) -> Vec<Effect> {
        let effects = self.lock().redraw();
        known(&effects)
    }

    /// What is on the screen, by attempt (D-09).
    pub fn screen(&self) -> Vec<OnScreen> {
        let stage = |(attempt, stage)| OnScreen { attempt, stage: stage_of(stage) };
        self.lock().screen().map(stage).collect()
    }

    /// When it wants a tick, in milliseconds of the device's own clock. Any input may change it.
    pub fn next_deadline(&self) -> Option<u64> {
        self.lock().next_deadline().map(DeviceTick::as_millis)
    }

    /// The device's own clock, in milliseconds (D-02).
    pub fn clock(&self) -> u64 {
        self.lock().clock().as_millis()
    }

    /// Whether there is a connection, by the last input `link`.
    pub fn is_up(&self) -> bool {
        self.lock().link() == library::Link::Up
    }

    /// Whether a snapshot was applied since it was made or restored: until then it shows no new call but
    /// those of pushes (D-15).
    pub fn is_ready(&self) -> bool {
        self.lock().is_ready()
    }

    /// The room that this device is in, by the last input `inRoom`.
    pub fn room(&self) -> Option<String> {
        self.lock().room().map(str::to_owned)
    }

    /// The user.
    pub fn user(&self) -> String {
        self.lock().user().to_owned()
    }

    /// The device.
    pub fn device(&self) -> String {
        self.lock().device().to_owned()
    }

    /// The intervals, in milliseconds, and the bounds that hold now (D-34).
    pub fn settings(&self) -> Settings {
        settings_of(self.lock().settings())
    }
}

/// The text of a request, to be sent to the server: an effect `send` has both parts (J-02).
///
/// # Errors
///
/// The library refuses the request.
#[uniffi::export]
pub fn frame(request_id: Option<u64>, request: Request) -> Result<String, InvalidValueError> {
    let frame: Frame = Frame { request_id, request: convert(&request)? };
    serde_json::to_string(&frame).map_err(invalid)
}

/// The rule behind an effect, such as `D-12`: for logs, and to look it up in `spec/rules.md`.
///
/// # Errors
///
/// The library refuses the effect.
#[uniffi::export]
pub fn rule_of(effect: Effect) -> Result<String, InvalidValueError> {
    let effect: library::Effect = convert(&effect)?;
    Ok(effect.rule().to_string())
}

/// The settings of a handset that is given none.
#[uniffi::export]
pub fn default_settings() -> Settings {
    settings_of(&library::Settings::DEFAULT)
}

const fn stage_of(stage: library::Stage) -> Stage {
    match stage {
        library::Stage::Ringing => Stage::Ringing,
        library::Stage::Waiting => Stage::Waiting,
        library::Stage::Accepting => Stage::Accepting,
        library::Stage::Rejecting => Stage::Rejecting,
    }
}

const fn settings_of(settings: &library::Settings) -> Settings {
    Settings {
        retry_interval: settings.retry_interval,
        refresh: settings.refresh,
        answer_grace: settings.answer_grace,
        min_ring: settings.min_ring,
        valid_for: settings.valid_for,
        join_quiet: settings.join_quiet,
        settle: settings.settle,
        late_ring: match settings.late_ring {
            library::LateRing::Report => crate::types::LateRing::Report,
            _ => crate::types::LateRing::Ignore,
        },
        calls: settings.calls,
        endings: settings.endings,
        requests: settings.requests,
        outgoing: settings.outgoing,
        page: settings.page,
    }
}
