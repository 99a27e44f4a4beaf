//! What may be connected, how much may be sent, and what it may cost.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use super::{ConfigError, Settings};
use crate::cost::CostLimits;
use crate::front::FrontParts;
use crate::hub::HubLimits;
use crate::listen::NetLimits;
use crate::pages::pages;
use crate::socket::SocketLimits;
use crate::token::Verifier;

/// Connections besides those of devices: see [`NetLimits::unauthenticated`].
const UNAUTHENTICATED: usize = 1_024;

/// See [`NetLimits::linger`].
const LINGER: Duration = Duration::from_secs(2);

impl Settings {
    /// What may be connected, and how much may be sent.
    pub fn socket(&self) -> SocketLimits {
        let ping = self.ping.unwrap_or(20);
        SocketLimits {
            message_bytes: self.message_bytes.unwrap_or(16_384),
            rate: self.rate.unwrap_or(20),
            burst: self.burst.unwrap_or(60),
            ping: Duration::from_secs(ping),
            stall: Duration::from_secs(self.stall.unwrap_or(ping)),
        }
    }

    /// What requests may cost.
    pub fn costs(&self) -> CostLimits {
        let usual = CostLimits::default();
        CostLimits {
            device: self.cost_per_device.unwrap_or(usual.device),
            user: self.cost_per_user.unwrap_or(usual.user),
            room: self.cost_per_room.unwrap_or(usual.room),
            all: self.cost_in_all.unwrap_or(usual.all),
        }
    }

    /// The front of a server that is set up like this, which lets in whom a verifier knows.
    ///
    /// # Errors
    ///
    /// A setting is out of its range.
    pub fn front(&self, verifier: Arc<dyn Verifier>) -> Result<FrontParts, ConfigError> {
        self.in_range()?;
        let usual = HubLimits::default();
        Ok(FrontParts {
            listen: self.listen.unwrap_or(SocketAddr::from((Ipv4Addr::LOCALHOST, 7_400))),
            verifier,
            token_life: self.token_life.unwrap_or(2_592_000),
            net: NetLimits {
                unauthenticated: UNAUTHENTICATED,
                patience: Duration::from_secs(self.patience.unwrap_or(10)),
                linger: LINGER,
            },
            socket: self.socket(),
            hub: HubLimits {
                connections: self.connections.unwrap_or(usual.connections),
                of_user: self.connections_per_user.unwrap_or(usual.of_user),
                queue_bytes: self.queue_bytes.unwrap_or(usual.queue_bytes),
                all_queues_bytes: self.all_queues_bytes.unwrap_or(usual.all_queues_bytes),
            },
            pages: pages(self.pages.as_deref()),
        })
    }
}
