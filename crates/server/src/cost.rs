//! What requests cost, and how much a device, a user, a room and all together may spend.
//!
//! A request costs as much work as it makes: what it brings about is told to everybody who is connected and in
//! the room, for each callee. So a few requests of one device can be as much as thousands of another. A request
//! for which a budget has not enough is refused with the time after which it has (L-15), and the connection
//! stays.
//!
//! * A device and its user have a budget for requests, and another one for answers to calls: who has called too
//!   much can still accept, and nobody's accept or reject waits for what others have spent.
//! * A room and all together have a budget, too, which only requests that cost much have to wait for. A user has
//!   less than a room, so that one user cannot spend what the others in the room need.
//! * Whoever may do nothing in a room spends nothing of its budget.
//!
//! Budgets are in memory only: a server that starts begins with full ones.

use std::time::Duration;

use budgets::{Budget, Budgets, Pace};

mod budgets;
mod price;

pub(crate) use price::{Price, stated};

/// A budget that was not used holds what comes into it in this time.
const BURST: Duration = Duration::from_secs(5);

/// What a refusal costs the device and its user, in units.
pub(crate) const REFUSAL: u64 = 10;

/// A request of at most so many units does not wait for what others have spent.
const SMALL: u64 = 64;

/// How many units of cost may be spent in a second, in the long run. At once it may be those of
/// five seconds, after a pause; and a request that costs more than that is let through when the budget
/// is full, and paid for afterwards.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct CostLimits {
    /// By a device.
    pub device: u64,
    /// By all devices of a user.
    pub user: u64,
    /// In a room.
    pub room: u64,
    /// In all.
    pub all: u64,
}

impl CostLimits {
    /// As good as none.
    pub const UNLIMITED: Self =
        Self { device: Self::MOST, user: Self::MOST, room: Self::MOST, all: Self::MOST };

    /// The most that can be set.
    pub(crate) const MOST: u64 = 1_000_000_000_000;
}

impl Default for CostLimits {
    fn default() -> Self {
        Self { device: 10_000, user: 20_000, room: 50_000, all: 1_000_000 }
    }
}

/// Whose budget has not enough.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Scope {
    Device,
    User,
    Room,
    All,
}

impl Scope {
    /// Its word in metrics.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Device => "device",
            Self::User => "user",
            Self::Room => "room",
            Self::All => "all",
        }
    }
}

/// A request that is refused.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Over {
    /// The first that has not enough.
    pub(crate) scope: Scope,
    /// In how many milliseconds there will be enough, if nobody spends anything meanwhile.
    pub(crate) retry_after: u64,
}

/// The budgets of a device and of its user for one kind of request.
#[derive(Debug)]
struct Own {
    devices: Budgets,
    users: Budgets,
}

impl Own {
    fn new(limits: &CostLimits) -> Self {
        let (devices, users) = (Pace::new(limits.device), Pace::new(limits.user));
        Self { devices: Budgets::new(devices), users: Budgets::new(users) }
    }

    fn charge(&mut self, now: Duration, (user, device): (&str, &str), units: u64) {
        self.devices.charge(now, &(user, device), units);
        self.users.charge(now, &user, units);
    }
}

/// All budgets of a tenant.
#[derive(Debug)]
pub struct Costs {
    requests: Own,
    answers: Own,
    rooms: Budgets,
    all: Budget,
}

impl Costs {
    /// Full ones.
    pub fn new(limits: &CostLimits) -> Self {
        Self {
            requests: Own::new(limits),
            answers: Own::new(limits),
            rooms: Budgets::new(Pace::new(limits.room)),
            all: Budget::new(Pace::new(limits.all)),
        }
    }

    /// Takes what a request of a device costs, at a time since 1970. Where it is refused, only the refusal is
    /// paid for.
    pub(crate) fn charge(
        &mut self,
        now: Duration,
        who: (&str, &str),
        price: &Price<'_>,
    ) -> Result<(), Over> {
        let Some((scope, _)) = self.first_over(now, who, price) else {
            self.own(price).charge(now, who, price.units);
            if !price.is_answer {
                price.room.iter().for_each(|room| self.rooms.charge(now, room, price.units));
                self.all.charge(now, price.units);
            }
            return Ok(());
        };
        self.own(price).charge(now, who, REFUSAL);
        let longest = self.over(now, who, price).into_iter().flatten().max();
        let retry_after = longest.unwrap_or_default().as_nanos().div_ceil(1_000_000);
        Err(Over { scope, retry_after: u64::try_from(retry_after).unwrap_or(u64::MAX).max(1) })
    }

    const fn own(&mut self, price: &Price<'_>) -> &mut Own {
        if price.is_answer { &mut self.answers } else { &mut self.requests }
    }

    fn first_over(
        &mut self,
        now: Duration,
        who: (&str, &str),
        price: &Price<'_>,
    ) -> Option<(Scope, Duration)> {
        let scopes = [Scope::Device, Scope::User, Scope::Room, Scope::All];
        let over = scopes.into_iter().zip(self.over(now, who, price));
        over.filter_map(|(scope, over)| Some((scope, over?))).next()
    }

    /// How long until each has enough, if it has not, in the order of [`Scope`].
    fn over(
        &mut self,
        now: Duration,
        (user, device): (&str, &str),
        price: &Price<'_>,
    ) -> [Option<Duration>; 4] {
        let units = price.units;
        let own = self.own(price);
        let device = own.devices.over(now, &(user, device), units);
        let user = own.users.over(now, &user, units);
        if price.is_answer || units <= SMALL {
            return [device, user, None, None];
        }
        let room = price.room.and_then(|room| self.rooms.over(now, &room, units));
        [device, user, room, self.all.over(now, units)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Duration = Duration::from_millis(1_700_000_000_000);
    const LIMITS: CostLimits = CostLimits { device: 100, user: 200, room: 300, all: 1_000 };

    fn request(units: u64) -> Price<'static> {
        Price { units, room: Some("standup"), is_answer: false }
    }

    fn over(scope: Scope, retry_after: u64) -> Result<(), Over> {
        Err(Over { scope, retry_after })
    }

    #[test]
    fn who_has_spent_too_much_is_told_when_there_is_enough() {
        let mut costs = Costs::new(&LIMITS);
        let ana = ("ana", "phone");
        assert_eq!(costs.charge(NOW, ana, &request(400)), Ok(()));
        // 100 are left, and the refusal costs 10: of 200 there are 110 too few.
        assert_eq!(costs.charge(NOW, ana, &request(200)), over(Scope::Device, 1_100));
        let almost = NOW + Duration::from_millis(1_099);
        let mut other = Costs::new(&LIMITS);
        let _ = (other.charge(NOW, ana, &request(400)), other.charge(NOW, ana, &request(200)));
        assert!(other.charge(almost, ana, &request(200)).is_err());
        let later = NOW + Duration::from_millis(1_100);
        assert_eq!(costs.charge(later, ana, &request(200)), Ok(()));
    }

    #[test]
    fn a_request_for_more_than_a_budget_holds_is_paid_for_afterwards() {
        let mut costs = Costs::new(&LIMITS);
        let ana = ("ana", "phone");
        assert_eq!(costs.charge(NOW, ana, &request(5_000)), Ok(()));
        // 45 s of debt, and a full budget.
        assert_eq!(costs.charge(NOW, ana, &request(500)), over(Scope::Device, 50_100));
        let later = NOW + Duration::from_millis(50_100);
        assert_eq!(costs.charge(later, ana, &request(500)), Ok(()));
    }

    #[test]
    fn each_budget_is_kept() {
        let spend = |costs: &mut Costs, user: &str, device: &str, room: &'static str| {
            let price = Price { room: Some(room), ..request(480) };
            costs.charge(NOW, (user, device), &price).map_err(|over| over.scope)
        };
        // Five seconds of each: 500 of a device, 1,000 of a user, 1,500 of a room, 5,000 in all.
        let mut costs = Costs::new(&LIMITS);
        assert_eq!(spend(&mut costs, "ana", "one", "a"), Ok(()));
        assert_eq!(spend(&mut costs, "ana", "one", "b"), Err(Scope::Device));
        assert_eq!(spend(&mut costs, "ana", "two", "b"), Ok(()));
        assert_eq!(spend(&mut costs, "ana", "three", "c"), Err(Scope::User));
        for user in ["bo", "cy", "dee"] {
            assert_eq!(spend(&mut costs, user, "phone", "d"), Ok(()));
        }
        assert_eq!(spend(&mut costs, "eve", "phone", "d"), Err(Scope::Room));
        for (user, room) in [("f", "f"), ("g", "g"), ("h", "h"), ("i", "i"), ("j", "j")] {
            assert_eq!(spend(&mut costs, user, "phone", room), Ok(()));
        }
        assert_eq!(spend(&mut costs, "k", "phone", "k"), Err(Scope::All));
    }

    #[test]
    fn answers_and_small_requests_do_not_wait_for_others() {
        let mut costs = Costs::new(&CostLimits { device: 100, user: 100, room: 1, all: 1 });
        assert_eq!(costs.charge(NOW, ("ana", "phone"), &request(400)), Ok(()));
        assert_eq!(costs.charge(NOW, ("bo", "phone"), &request(SMALL)), Ok(()));
        let said = costs.charge(NOW, ("cy", "phone"), &request(SMALL + 1));
        assert_eq!(said.map_err(|over| over.scope), Err(Scope::Room));
        // Neither for what one has spent on requests.
        let answer = Price { is_answer: true, ..request(400) };
        assert_eq!(costs.charge(NOW, ("ana", "phone"), &answer), Ok(()));
        assert_eq!(costs.charge(NOW, ("ana", "phone"), &answer), over(Scope::Device, 3_100));
    }
}
