//! What the host does by itself. In all other races and worlds a device asks for something before it reads, so a host that sends
//! nothing before it is asked, or that looks at the time only then, would do as well.

use roomcall::Rule;

use super::super::stage::{Played, Stage};
use super::super::transport::Transport;
use super::{Meeting, accept, call};

pub(super) async fn rings<T: Transport>(stage: &mut Stage<T>) -> Played {
    let Meeting { mac, phone, tablet } = Meeting::begin(stage).await?;
    stage.send(mac, call(&["bo"], 30)).await?;
    let attempt = stage.listen(phone, "onCallReceived", Rule::C01).await?;
    stage.listen(tablet, "onCallReceived", Rule::C01).await?;
    stage.send(phone, accept(attempt)).await?;
    stage.listen(tablet, "onCallHandledByOtherDevice", Rule::E17).await?;
    stage.listen(mac, "onCallAccepted", Rule::E01).await?;
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
