//! What every log has to do.

use roomcall_server::log::suite::play;

use crate::rig::Broker;

#[tokio::test(flavor = "multi_thread")]
async fn one_server() {
    play(&mut Broker::start(1).await).await;
}

/// With elections, which take seconds each.
#[tokio::test(flavor = "multi_thread")]
async fn three_servers() {
    if std::env::var_os("ROOMCALL_LONG").is_none() {
        println!("not played: set ROOMCALL_LONG=1");
        return;
    }
    play(&mut Broker::start(3).await).await;
}
