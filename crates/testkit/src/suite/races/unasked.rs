//! What the host does by itself. In all other races and worlds a device asks for something before it reads, so a host that sends
//! nothing before it is asked, or that looks at the time only then, would do as well.

use roomcall::Rule;
use roomcall::protocol::Command;

use super::super::stage::{Played, Stage};
use super::super::transport::Transport;
use super::{Meeting, accept, call, cancel, reject, revoke};

pub(super) async fn rings<T: Transport>(stage: &mut Stage<T>) -> Played {
    let Meeting { mac, phone, tablet } = Meeting::begin(stage).await?;
    stage.send(mac, call(&["bo"], 30)).await?;
    let attempt = stage.listen(phone, "onCallReceived", Rule::C01).await?;
    stage.listen(tablet, "onCallReceived", Rule::C01).await?;
    stage.listen(mac, "onPendingCallChanged", Rule::C02).await?;
    stage.send(tablet, Command::Ringing { attempt }).await?;
    stage.listen(mac, "onCallRinging", Rule::C14).await?;
    stage.send(phone, accept(attempt)).await?;
    stage.listen(tablet, "onCallHandledByOtherDevice", Rule::E17).await?;
    stage.listen(mac, "onCallAccepted", Rule::E01).await?;
    stage.listen(mac, "onPendingCallRemoved", Rule::E01).await?;
    Ok(())
}

pub(super) async fn stops<T: Transport>(stage: &mut Stage<T>) -> Played {
    let Meeting { mac, phone, tablet } = Meeting::begin(stage).await?;
    stage.send(mac, call(&["bo"], 30)).await?;
    let attempt = stage.listen(phone, "onCallReceived", Rule::C01).await?;
    stage.send(phone, reject(attempt)).await?;
    stage.listen(tablet, "onCallHandledByOtherDevice", Rule::E17).await?;
    stage.listen(mac, "onCallRejected", Rule::E02).await?;
    stage.send(mac, call(&["bo"], 30)).await?;
    stage.send(mac, cancel("bo")).await?;
    for line in [phone, tablet] {
        stage.listen(line, "onCallCancelled", Rule::E05).await?;
    }
    stage.send(mac, call(&["bo"], 30)).await?;
    stage.send(mac, revoke("bo")).await?;
    for line in [phone, tablet] {
        stage.listen(line, "onCallRevokedByAdmin", Rule::E06).await?;
    }
    Ok(())
}

pub(super) async fn times_out<T: Transport>(stage: &mut Stage<T>) -> Played {
    let (Meeting { mac, phone, tablet }, _) = Meeting::ringing(stage, 1).await?;
    stage.advance(1_100).await?;
    for line in [mac, phone, tablet] {
        stage.listen(line, "onCallTimeout", Rule::E04).await?;
    }
    Ok(())
}
