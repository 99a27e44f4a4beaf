//! A picture of the throughput by size: two logarithmic axes, a line for each engine.

use std::fmt::Write as _;

use crate::effort::commas;
use crate::side::{Form, Side};

const WIDTH: f64 = 920.0;
const HEIGHT: f64 = 520.0;
const LEFT: f64 = 78.0;
const RIGHT: f64 = 270.0;
const TOP: f64 = 54.0;
const BOTTOM: f64 = 56.0;

/// What the text of labels needs between two of them.
const LINE: f64 = 17.0;

const fn colour(form: Form) -> &'static str {
    match form {
        Form::FloorById => "#9a9a9a",
        Form::FloorByString => "#6f6f6f",
        Form::FloorBatch => "#b5b5b5",
        Form::ByHandle => "#0b6e4f",
        Form::BatchByHandle => "#3fae83",
        Form::ByString => "#1f4e9e",
        Form::BatchByString => "#5b8fe0",
        Form::Naive => "#b4531f",
        Form::Tokio => "#8e2f6b",
    }
}

/// Whether a line is drawn with gaps: those of batches are.
const fn dashes(form: Form) -> &'static str {
    match form {
        Form::FloorBatch | Form::BatchByHandle | Form::BatchByString => {
            r#" stroke-dasharray="6 4""#
        }
        Form::FloorById
        | Form::FloorByString
        | Form::ByHandle
        | Form::ByString
        | Form::Naive
        | Form::Tokio => "",
    }
}

/// One line: an engine, and its sizes with inputs a second.
struct Line {
    form: Form,
    points: Vec<(f64, f64)>,
}

/// The limits of the axes, as powers of ten.
struct Axes {
    x: (f64, f64),
    y: (f64, f64),
}

impl Axes {
    fn of(lines: &[Line]) -> Self {
        let points = || lines.iter().flat_map(|line| &line.points);
        let least = |of: fn(&(f64, f64)) -> f64| points().map(of).fold(f64::INFINITY, f64::min);
        let most = |of: fn(&(f64, f64)) -> f64| points().map(of).fold(1.0, f64::max);
        let x = (least(|point| point.0).log10(), most(|point| point.0).log10());
        let y = (least(|point| point.1).log10().floor(), most(|point| point.1).log10().ceil());
        Self { x: (x.0, x.1.max(x.0 + 1.0)), y }
    }

    fn place(&self, (size, rate): (f64, f64)) -> (f64, f64) {
        (self.across(size.log10()), self.up(rate.log10()))
    }

    fn across(&self, power: f64) -> f64 {
        LEFT + (power - self.x.0) / (self.x.1 - self.x.0) * (WIDTH - LEFT - RIGHT)
    }

    fn up(&self, power: f64) -> f64 {
        HEIGHT - BOTTOM - (power - self.y.0) / (self.y.1 - self.y.0) * (HEIGHT - TOP - BOTTOM)
    }
}

/// The picture.
pub fn svg(sides: &[Side]) -> String {
    let lines = lines(sides);
    let axes = Axes::of(&lines);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" \
         font-family=\"sans-serif\" font-size=\"13\" fill=\"#222\">\n\
         <title>Inputs a second by calls pending at once</title>\n\
         <rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"#fff\"/>\n\
         <text x=\"{LEFT}\" y=\"24\" font-size=\"16\">Inputs a second on one core, by calls pending \
         at once</text>\n"
    );
    grid(&axes, &mut out);
    for line in &lines {
        draw(line, &axes, &mut out);
    }
    labels(&lines, &axes, &mut out);
    out.push_str("</svg>\n");
    out
}

fn lines(sides: &[Side]) -> Vec<Line> {
    let line = |form| {
        let point = |side: &Side| Some((f64::from(side.callees), 1e9 / side.input_ns(form)?));
        Line { form, points: sides.iter().filter_map(point).collect() }
    };
    Form::ALL.into_iter().map(line).filter(|line| !line.points.is_empty()).collect()
}

/// Lines and numbers at the powers of ten.
fn grid(axes: &Axes, out: &mut String) {
    let (bottom, right) = (HEIGHT - BOTTOM, WIDTH - RIGHT);
    for power in axes.y.0 as i32..=axes.y.1 as i32 {
        let y = axes.up(f64::from(power));
        let text = match power {
            9.. => format!("{} G", commas(10_u64.pow(power as u32 - 9))),
            6.. => format!("{} M", 10_u64.pow(power as u32 - 6)),
            3.. => format!("{} k", 10_u64.pow(power as u32 - 3)),
            _ => "1".to_owned(),
        };
        let _ = writeln!(
            out,
            "<path d=\"M{LEFT} {y:.1}H{right}\" stroke=\"#ccc\"/>\
             <text x=\"{:.0}\" y=\"{:.1}\" text-anchor=\"end\">{text}</text>",
            LEFT - 8.0,
            y + 4.5,
        );
    }
    for power in axes.x.0.ceil() as i32..=axes.x.1.floor() as i32 {
        let x = axes.across(f64::from(power));
        let text = commas(10_u64.pow(power as u32));
        let _ = writeln!(
            out,
            "<path d=\"M{x:.1} {TOP}V{bottom}\" stroke=\"#ccc\"/>\
             <text x=\"{x:.1}\" y=\"{:.0}\" text-anchor=\"middle\">{text}</text>",
            bottom + 20.0,
        );
    }
    let middle = LEFT + (right - LEFT) / 2.0;
    let below = HEIGHT - 12.0;
    let _ = writeln!(
        out,
        "<text x=\"{middle}\" y=\"{below}\" text-anchor=\"middle\">calls pending at once</text>"
    );
}

fn draw(line: &Line, axes: &Axes, out: &mut String) {
    let (colour, dashes) = (colour(line.form), dashes(line.form));
    let mut path = String::new();
    for (number, point) in line.points.iter().enumerate() {
        let (x, y) = axes.place(*point);
        let _ = write!(path, "{}{x:.1} {y:.1}", if number == 0 { 'M' } else { 'L' });
        let _ = writeln!(out, "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3\" fill=\"{colour}\"/>");
    }
    let _ = writeln!(
        out,
        "<path d=\"{path}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"{dashes}/>"
    );
}

/// The names, each beside the end of its line and none upon another.
fn labels(lines: &[Line], axes: &Axes, out: &mut String) {
    let end = |line: &Line| line.points.last().map(|point| axes.place(*point));
    let mut ends: Vec<_> = lines.iter().filter_map(|line| Some((line.form, end(line)?))).collect();
    ends.sort_by(|(_, one), (_, other)| one.1.total_cmp(&other.1));
    let mut places: Vec<f64> = Vec::new();
    for (_, (_, y)) in &ends {
        let above = places.last().map_or(f64::NEG_INFINITY, |place| place + LINE);
        places.push(y.max(above));
    }
    // If they do not fit any more at the lower end, they move up together.
    let over = places.last().map_or(0.0, |last| (last - (HEIGHT - BOTTOM)).max(0.0));
    let right = WIDTH - RIGHT;
    for ((form, (x, y)), place) in ends.iter().zip(places) {
        let (place, colour, name) = (place - over, colour(*form), form.name());
        let _ = writeln!(
            out,
            "<path d=\"M{:.1} {y:.1}L{:.1} {place:.1}\" stroke=\"{colour}\" stroke-width=\"0.8\"/>\
             <text x=\"{:.0}\" y=\"{:.1}\" fill=\"{colour}\">{name}</text>",
            x + 5.0,
            right + 22.0,
            right + 26.0,
            place + 4.5,
        );
    }
}
