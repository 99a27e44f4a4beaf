//! Who is connected, a page at a time.

use std::str::FromStr;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::{Serialize, Serializer};

use super::{Connection, Hub};

/// The most bytes of ids in one page: the connection with which there are more is the last one.
const PAGE_BYTES: usize = 1 << 18;

/// A connection, as whoever runs the server sees it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Connected {
    /// The user.
    pub user: String,
    /// The device.
    pub device: String,
    /// For how long.
    pub connected_seconds: u64,
    /// Bytes that wait to be sent on it.
    pub waiting_bytes: usize,
}

/// A page of connections, by user and device in their order.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Connections {
    /// These.
    pub connections: Vec<Connected>,
    /// Where the next page begins; there is none where this is the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<Cursor>,
}

/// After which user and device a page begins.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Cursor(String, String);

/// A text is no cursor.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("this is no cursor: give the `nextCursor` of the page before, or none")]
pub struct NoCursor;

impl Serialize for Cursor {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = serde_json::to_vec(&(&self.0, &self.1)).unwrap_or_default();
        serializer.serialize_str(&BASE64_URL_SAFE_NO_PAD.encode(text))
    }
}

impl FromStr for Cursor {
    type Err = NoCursor;

    fn from_str(text: &str) -> Result<Self, NoCursor> {
        let json = BASE64_URL_SAFE_NO_PAD.decode(text).map_err(|_| NoCursor)?;
        let (user, device) = serde_json::from_slice(&json).map_err(|_| NoCursor)?;
        Ok(Self(user, device))
    }
}

impl Hub {
    /// So many connections at most, of a user or of all, after one.
    pub fn page(&self, user: Option<&str>, after: Option<&Cursor>, count: usize) -> Connections {
        let after = after.map(|Cursor(user, device)| (&user[..], &device[..]));
        let users = self.users.iter().filter(|(name, _)| user.is_none_or(|user| *name == user));
        let all = users.flat_map(|(name, of)| of.iter().map(move |it| (&name[..], it)));
        let mut rest: Vec<_> = all
            .filter(|(name, it)| after.is_none_or(|after| (*name, &it.device[..]) > after))
            .collect();
        // One more than the page has says whether there is a next one. Only these are sorted.
        if rest.len() > count {
            rest.select_nth_unstable_by(count, by_place);
            rest.truncate(count + 1);
        }
        rest.sort_unstable_by(by_place);
        let (mut connections, mut bytes) = (Vec::new(), 0);
        for (user, it) in &rest {
            if connections.len() == count || bytes > PAGE_BYTES {
                break;
            }
            bytes += user.len() + it.device.len();
            connections.push(it.seen(user));
        }
        let last = connections.last().filter(|_| connections.len() < rest.len());
        let next_cursor = last.map(|it| Cursor(it.user.clone(), it.device.clone()));
        Connections { connections, next_cursor }
    }
}

fn by_place(one: &(&str, &Connection), other: &(&str, &Connection)) -> std::cmp::Ordering {
    (one.0, &one.1.device).cmp(&(other.0, &other.1.device))
}

impl Connection {
    fn seen(&self, user: &str) -> Connected {
        Connected {
            user: user.to_owned(),
            device: self.device.clone(),
            connected_seconds: self.since.elapsed().as_secs(),
            waiting_bytes: self.sink.pressure().map_or(0, |(_, bytes)| bytes),
        }
    }
}

#[cfg(test)]
mod tests {
    use prometheus_client::metrics::gauge::Gauge;

    use super::super::HubLimits;
    use super::*;

    #[test]
    fn pages_list_everybody_once() {
        let limits =
            HubLimits { connections: 999, of_user: 9, queue_bytes: 99, all_queues_bytes: 99 };
        let mut hub = Hub::new(limits, Gauge::default());
        let mut lines = Vec::new();
        for user in 0..50 {
            for device in ["phone", "tablet"] {
                lines.push(hub.connect(&format!("user {user:02}"), device).unwrap());
            }
        }
        for count in [1, 3, 99, 100, 101] {
            let (mut listed, mut after) = (Vec::new(), None);
            loop {
                let page = hub.page(None, after.as_ref(), count);
                assert!((1..=count).contains(&page.connections.len()));
                listed.extend(page.connections.into_iter().map(|it| (it.user, it.device)));
                let Some(next) = page.next_cursor else { break };
                let text = serde_json::to_value(&next).unwrap();
                assert_eq!(text.as_str().unwrap().parse(), Ok(next.clone()));
                after = Some(next);
            }
            assert!(listed.len() == 100 && listed.is_sorted(), "{listed:?}");
        }
        let of_one = hub.page(Some("user 07"), None, 9);
        assert!(of_one.connections.len() == 2 && of_one.next_cursor.is_none());
        assert_eq!("?".parse::<Cursor>(), Err(NoCursor));
    }

    #[test]
    fn a_page_is_bounded_in_bytes() {
        let limits =
            HubLimits { connections: 9, of_user: 9, queue_bytes: 99, all_queues_bytes: 99 };
        let mut hub = Hub::new(limits, Gauge::default());
        let long = "x".repeat(PAGE_BYTES);
        let lines = ["a", "b"].map(|device| hub.connect(&long, device).unwrap());
        let page = hub.page(None, None, 9);
        assert!(page.connections.len() == 1 && page.next_cursor.is_some());
        drop(lines);
    }
}
