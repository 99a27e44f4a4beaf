//! The lifecycle drawn: where each status stands and which way each arrow goes. The places are
//! chosen by hand; what has none fails.

use std::collections::BTreeSet;
use std::fmt::Write;

use roomcall::CallStatus;

use super::lifecycle::{Arrow, kept};

/// From the middle of one line of text to that of the next, and the width of a letter, about.
const LINE: usize = 18;
const LETTER: usize = 7;

const HEAD: &str = r##"<!-- Generated: UPDATE_TABLES=1 cargo test table -->
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 950 412" width="950" height="412" role="img"
  font-family="sans-serif" font-size="13">
<title>The status of a record in a room's pending list, and what changes it</title>
<style>
.box { fill: #f3f6fa; stroke: #40566b; stroke-width: 1.5 }
.kept { fill: none; stroke: #8795a3; stroke-dasharray: 5 4 }
.way { fill: none; stroke: #40566b; stroke-width: 1.5; marker-end: url(#tip) }
.status { font-size: 16px; font-weight: bold; fill: #1c2733 }
.text { fill: #1c2733 }
.rule { fill: #5a6773; font-size: 12px }
</style>
<defs><marker id="tip" viewBox="0 0 8 8" refX="7.5" refY="4" markerWidth="8" markerHeight="8" orient="auto">
<path d="M0,0 L8,4 L0,8 z" fill="#40566b"/>
</marker></defs>
<rect width="950" height="412" rx="8" fill="#ffffff"/>
"##;

/// Where a status stands, and what it means.
const fn place(status: CallStatus) -> (Area, &'static str) {
    match status {
        CallStatus::None => (Area { x: 20, y: 110, w: 110, h: 206 }, "no record"),
        CallStatus::Calling => (Area { x: 435, y: 110, w: 110, h: 206 }, "it rings"),
        CallStatus::Timeout => (Area { x: 774, y: 110, w: 142, h: 62 }, "nobody answered"),
        CallStatus::Rejected => (Area { x: 774, y: 254, w: 142, h: 62 }, "no, or elsewhere"),
    }
}

/// Around the statuses of kept records.
const KEPT: Area = Area { x: 752, y: 72, w: 186, h: 258 };

struct Area {
    x: usize,
    y: usize,
    w: usize,
    h: usize,
}

/// An arrow's end: a status, or whichever a kept record has.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum End {
    One(CallStatus),
    Kept,
}

/// The way of an arrow, and the room above it for its label: the middle, the base, how wide, how
/// many lines.
struct Way {
    path: &'static str,
    middle: usize,
    base: usize,
    wide: usize,
    lines: usize,
}

fn way(from: End, to: End) -> Way {
    use CallStatus::{Calling, None, Rejected, Timeout};
    let way = |path, middle, base, wide, lines| Way { path, middle, base, wide, lines };
    match (from, to) {
        (End::One(None), End::One(Calling)) => way("M130,141 H433", 281, 131, 280, 2),
        (End::One(Calling), End::One(None)) => way("M435,285 H132", 283, 275, 300, 7),
        (End::One(Calling), End::One(Timeout)) => way("M545,141 H772", 652, 131, 200, 2),
        (End::One(Calling), End::One(Rejected)) => way("M545,285 H772", 652, 275, 200, 6),
        (End::Kept, End::One(Calling)) => {
            way("M845,72 V48 Q845,36 833,36 H502 Q490,36 490,48 V108", 667, 27, 320, 1)
        }
        (End::Kept, End::One(None)) => {
            way("M845,330 V384 Q845,396 833,396 H87 Q75,396 75,384 V318", 465, 387, 630, 4)
        }
        _ => panic!("the picture has no way from {from:?} to {to:?}"),
    }
}

/// The picture of all arrows.
pub(super) fn draw(arrows: &[Arrow]) -> String {
    let mut svg = HEAD.to_owned();
    draw_kept(&mut svg);
    for status in CallStatus::ALL {
        draw_status(&mut svg, status);
    }
    for (from, to, labels) in bundled(arrows) {
        draw_way(&mut svg, &way(from, to), &labels);
    }
    svg.push_str("</svg>\n");
    svg
}

/// Arrows from one end to another as one, with a label for each. What may happen to a record of
/// one kept status may happen to one of any.
fn bundled(arrows: &[Arrow]) -> Vec<(End, End, Vec<&Arrow>)> {
    let kept = kept();
    let leaving = |status: &CallStatus| {
        let of = arrows.iter().filter(move |arrow| arrow.from == *status);
        of.map(|arrow| (arrow.to, arrow.what, arrow.rules)).collect::<Vec<_>>()
    };
    let alike: BTreeSet<_> = kept.iter().map(leaving).collect();
    assert!(alike.len() <= 1, "kept records are not alike: {alike:?}");
    let mut bundles: Vec<(End, End, Vec<&Arrow>)> = Vec::new();
    for arrow in arrows.iter().filter(|arrow| !kept.iter().skip(1).any(|s| *s == arrow.from)) {
        let is_kept = kept.contains(&arrow.from);
        let (from, to) =
            (if is_kept { End::Kept } else { End::One(arrow.from) }, End::One(arrow.to));
        match bundles.iter_mut().find(|(f, t, _)| (*f, *t) == (from, to)) {
            Some((.., labels)) => labels.push(arrow),
            None => bundles.push((from, to, vec![arrow])),
        }
    }
    bundles
}

fn draw_kept(svg: &mut String) {
    let Area { x, y, w, h } = KEPT;
    for status in kept() {
        let (at, _) = place(status);
        let is_inside = x < at.x && y < at.y && at.x + at.w < x + w && at.y + at.h < y + h;
        assert!(is_inside, "{status:?} is kept and stands outside the frame");
    }
    writeln!(svg, r#"<rect class="kept" x="{x}" y="{y}" width="{w}" height="{h}" rx="10"/>"#)
        .unwrap();
    text(svg, (x + w / 2, y + 23), "text", r#"kept <tspan class="rule">K-01</tspan>"#);
}

fn draw_status(svg: &mut String, status: CallStatus) {
    let (Area { x, y, w, h }, meaning) = place(status);
    let (middle, centre) = (x + w / 2, y + h / 2);
    writeln!(svg, r#"<rect class="box" x="{x}" y="{y}" width="{w}" height="{h}" rx="8"/>"#)
        .unwrap();
    text(svg, (middle, centre - 3), "status", status.word());
    text(svg, (middle, centre + 17), "text", meaning);
}

fn draw_way(svg: &mut String, way: &Way, labels: &[&Arrow]) {
    assert!(labels.len() <= way.lines, "no room for {labels:?}");
    writeln!(svg, r#"<path class="way" d="{}"/>"#, way.path).unwrap();
    for (above, arrow) in labels.iter().rev().enumerate() {
        let rules: Vec<&str> = arrow.rules.iter().map(|rule| rule.id()).collect();
        let (what, rules) = (arrow.what, rules.join(", "));
        let wide = (what.len() + 1 + rules.len()) * LETTER;
        assert!(wide <= way.wide, "{what} {rules} is wider than its arrow");
        let label = format!(r#"{what} <tspan class="rule">{rules}</tspan>"#);
        text(svg, (way.middle, way.base - above * LINE), "text", &label);
    }
}

fn text(svg: &mut String, (x, y): (usize, usize), class: &str, words: &str) {
    writeln!(svg, r#"<text class="{class}" x="{x}" y="{y}" text-anchor="middle">{words}</text>"#)
        .unwrap();
}
