use super::*;

fn limits(connections: usize) -> HubLimits {
    HubLimits { connections, of_user: 2, queue_bytes: 1_000, all_queues_bytes: 100_000 }
}

#[test]
fn who_has_gone_without_a_word_is_not_counted() {
    let mut hub = Hub::new(limits(3), Gauge::default());
    for device in ["one", "two", "three", "four"] {
        drop(hub.connect("ana", device).unwrap());
    }
    let (ana, bo) = (hub.connect("ana", "phone").unwrap(), hub.connect("bo", "phone").unwrap());
    drop(hub.connect("cy", "phone").unwrap());
    // It is the fourth, but cy has gone.
    let dee = hub.connect("dee", "phone").unwrap();
    assert_eq!(hub.len(), 3);
    assert_eq!(hub.connect("eve", "phone").unwrap_err(), Full::InAll(3));
    drop((ana, bo, dee));
    // It looked at all a moment ago.
    assert_eq!(hub.connect("eve", "phone").unwrap_err(), Full::InAll(3));
    hub.looked_at_all = hub.looked_at_all.and_then(|at| at.checked_sub(APART));
    assert!(hub.connect("eve", "phone").is_ok());
    assert_eq!(hub.len(), 1);
}
