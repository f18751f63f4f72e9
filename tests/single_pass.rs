//! Models of one run, by the catalogue's contracts, on stand-ins for their graphs whose answer is computed here by hand.
//!
//! `tests/models/make_single_pass_standins.py` made the graphs and says what they do. Each setting of a contract, and each
//! turn that the code could take wrongly, must show in the picture, or the graph must refuse it.
#![cfg(feature = "ort")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod native_runtime;
mod tampered;

use brushaway::{
    geometry::Size,
    mask::Mask,
    models::{
        Cancelled, Catalog, HolePixels, InferError, Inpainter as _, MaskMarks, PictureInput, PixelValues, Run,
        SinglePass, SinglePassContract, Tensor, TensorData, Tile,
    },
    tensor::{Rgb, Unit},
};
use tampered::{Tampered, session};

const SIDE: usize = 512;
const AREA: usize = SIDE * SIDE;
/// Each colour of a fill is made of another one of the picture, by number, times this.
const MIX: [(usize, f32); 3] = [(1, 0.5), (2, 0.25), (0, 0.5)];
/// What [`MIX`] is shifted by in bytes.
const BYTE_SHIFT: [f32; 3] = [40.25, 150.125, 100.25];
/// What a black hole becomes.
const COLOUR: [f32; 3] = [0.75, 0.25, 0.5];
/// Rounding of 32-bit numbers; bytes must be right to the last one.
const EXACT: f32 = 1e-6;

struct Undisturbed;

impl Run for Undisturbed {
    fn step(&self, _done: usize, _total: usize) -> Result<(), Cancelled> {
        Ok(())
    }
}

/// A graph, a model of the catalogue that has such tensors, and what must come out of it.
struct Case {
    graph: &'static str,
    model: &'static str,
    expected: fn(&Tile) -> Vec<f32>,
}

const BYTES: Case = Case { graph: "separate_bytes", model: "migan", expected: expected_bytes };
const FLOATS: Case = Case { graph: "joined_floats", model: "lama_fp16", expected: expected_floats };
const SMALL_FLOATS: Case = Case { model: "lama_int8", ..FLOATS };

fn contract(model: &str) -> SinglePassContract {
    Catalog::shipped().unwrap().find(model).unwrap().single_pass().unwrap().1.clone()
}

/// Slopes of other steepness in each colour, none the same along rows and columns, and a hole off the middle.
fn tile() -> Tile {
    let size = Size::square(SIDE as u32).unwrap();
    let at = |c: usize, x: usize, y: usize| match c {
        0 => x as f32 / SIDE as f32,
        1 => y as f32 / SIDE as f32 * 0.7,
        _ => (x + 2 * y) as f32 / (3 * SIDE) as f32 * 0.4 + 0.3,
    };
    let pixels = (0..3).flat_map(|c| (0..SIDE).flat_map(move |y| (0..SIDE).map(move |x| at(c, x, y))));
    let image = Rgb::from_vec(size, pixels.collect()).unwrap();
    Tile { image, mask: Mask::from_fn(size, |x, y| (131..300).contains(&x) && (205..451).contains(&y)), start: None }
}

/// Each value of the picture that must come out: `hole` makes those of the hole from the tile, a colour and a pixel.
fn expected(tile: &Tile, kept: fn(f32) -> f32, hole: fn(&Tile, usize, usize) -> f32) -> Vec<f32> {
    let mask = tile.mask.as_bytes();
    let value = |(c, i)| if mask[i] == Mask::FILL { hole(tile, c, i) } else { kept(tile.image.plane(c)[i]) };
    (0..3).flat_map(|c| (0..AREA).map(move |i| (c, i))).map(value).collect()
}

fn byte_of(brightness: f32) -> f32 {
    (brightness * 255.0).round()
}

fn expected_bytes(tile: &Tile) -> Vec<f32> {
    expected(
        tile,
        |brightness| byte_of(brightness) / 255.0,
        |tile, c, i| {
            let (other, share) = MIX[c];
            (byte_of(tile.image.plane(other)[i]) * share + BYTE_SHIFT[c]).round() / 255.0
        },
    )
}

fn expected_floats(tile: &Tile) -> Vec<f32> {
    expected(tile, |brightness| brightness, |_, c, _| COLOUR[c])
}

fn fill(session: Tampered, contract: SinglePassContract, tile: &Tile) -> Result<Rgb<Unit>, InferError> {
    pollster::block_on(SinglePass::new(session, contract).fill(tile, &Undisturbed))
}

/// The largest difference of any value.
fn distance(fill: &Rgb<Unit>, expected: &[f32]) -> f32 {
    fill.as_slice().iter().zip(expected).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

/// How a mistake is noticed.
#[derive(Debug, PartialEq)]
enum Notice {
    /// The picture is another one.
    Shows,
    /// The graph does not take the inputs.
    Refused,
    /// The graph has no such output.
    Missing,
    /// It is none.
    Never,
}

fn notice(case: &Case, session: Tampered, contract: SinglePassContract) -> Notice {
    let tile = tile();
    match fill(session, contract, &tile) {
        Ok(fill) if distance(&fill, &(case.expected)(&tile)) > 1000.0 * EXACT => Notice::Shows,
        Ok(_) => Notice::Never,
        Err(InferError::Runtime { .. }) => Notice::Refused,
        Err(InferError::MissingOutput { .. }) => Notice::Missing,
        Err(other) => unreachable!("{other}"),
    }
}

#[test]
fn the_known_picture_comes_out_of_every_contract() {
    let tile = tile();
    for case in [BYTES, FLOATS, SMALL_FLOATS] {
        let fill = fill(session(case.graph), contract(case.model), &tile).unwrap();
        let error = distance(&fill, &(case.expected)(&tile));
        assert!(error < EXACT, "{}: {error}", case.model);
    }
}

/// A setting that is not the model's.
type WrongSetting = (&'static str, fn(&mut SinglePassContract), Notice);

fn other_way_round(contract: &mut SinglePassContract) {
    contract.mask_marks = match contract.mask_marks {
        MaskMarks::Hole => MaskMarks::Surroundings,
        MaskMarks::Surroundings => MaskMarks::Hole,
    };
}

fn separate(contract: &mut SinglePassContract) {
    contract.input = PictureInput::Separate { image: "input".to_owned(), mask: "mask".to_owned() };
}

fn joined(contract: &mut SinglePassContract) {
    contract.input = PictureInput::Joined { name: "image".to_owned() };
}

fn mask_for_image(contract: &mut SinglePassContract) {
    contract.input = PictureInput::Separate { image: "mask".to_owned(), mask: "image".to_owned() };
}

#[test]
fn a_wrong_setting_for_bytes_is_noticed() {
    let mistakes: [WrongSetting; 9] = [
        ("the mask the other way round", other_way_round, Notice::Shows),
        ("a black hole", |contract| contract.hole_pixels = HolePixels::Zero, Notice::Shows),
        ("floats in [0, 1]", |contract| contract.input_values = PixelValues::UnitFloats, Notice::Refused),
        ("floats in [0, 255]", |contract| contract.input_values = PixelValues::ByteFloats, Notice::Refused),
        ("an output of floats", |contract| contract.output_values = PixelValues::UnitFloats, Notice::Missing),
        ("an output of large floats", |contract| contract.output_values = PixelValues::ByteFloats, Notice::Missing),
        ("one input", joined, Notice::Refused),
        ("inputs in the wrong places", mask_for_image, Notice::Refused),
        ("another output", |contract| contract.output = Some("output".to_owned()), Notice::Missing),
    ];
    for (what, mistake, expected) in mistakes {
        let mut wrong = contract(BYTES.model);
        mistake(&mut wrong);
        assert_eq!(notice(&BYTES, session(BYTES.graph), wrong), expected, "{what}");
    }
}

#[test]
fn a_wrong_setting_for_floats_is_noticed() {
    let mistakes: [WrongSetting; 8] = [
        ("the mask the other way round", other_way_round, Notice::Shows),
        ("a hole that is not black", |contract| contract.hole_pixels = HolePixels::AsTheyAre, Notice::Shows),
        ("an input in [0, 255]", |contract| contract.input_values = PixelValues::ByteFloats, Notice::Shows),
        ("bytes", |contract| contract.input_values = PixelValues::Bytes, Notice::Refused),
        ("an output in [0, 255]", |contract| contract.output_values = PixelValues::ByteFloats, Notice::Shows),
        ("an output of bytes", |contract| contract.output_values = PixelValues::Bytes, Notice::Missing),
        ("two inputs", separate, Notice::Refused),
        ("another output", |contract| contract.output = Some("result".to_owned()), Notice::Missing),
    ];
    for (what, mistake, expected) in mistakes {
        let mut wrong = contract(FLOATS.model);
        mistake(&mut wrong);
        assert_eq!(notice(&FLOATS, session(FLOATS.graph), wrong), expected, "{what}");
    }
}

fn floats(tensor: &mut Tensor) -> &mut [f32] {
    match &mut tensor.data {
        TensorData::F32(values) => values,
        other => unreachable!("{other:?}"),
    }
}

fn bytes(tensor: &mut Tensor) -> &mut [u8] {
    match &mut tensor.data {
        TensorData::U8(values) => values,
        other => unreachable!("{other:?}"),
    }
}

/// Exchanges the first and the third channel.
fn blue_first<T>(planes: &mut [T]) {
    let (red, rest) = planes.split_at_mut(AREA);
    red.swap_with_slice(&mut rest[AREA..2 * AREA]);
}

/// Exchanges rows and columns in each channel.
fn columns_for_rows<T>(planes: &mut [T]) {
    for plane in planes.chunks_exact_mut(AREA) {
        for y in 0..SIDE {
            for x in 0..y {
                plane.swap(y * SIDE + x, x * SIDE + y);
            }
        }
    }
}

/// A way to do it wrongly between the code and a graph.
type Mistake = (&'static str, Case, fn(&mut Tampered));

#[test]
fn a_wrong_turn_shows() {
    let mistakes: [Mistake; 9] = [
        ("blue first going in", BYTES, |graph| graph.inputs = |t| blue_first(bytes(&mut t[0]))),
        ("blue first coming out", BYTES, |graph| graph.outputs = |t| blue_first(bytes(&mut t[0]))),
        ("columns for rows", BYTES, |graph| graph.inputs = |t| t.iter_mut().for_each(|t| columns_for_rows(bytes(t)))),
        ("a mask of ones", BYTES, |graph| graph.inputs = |t| bytes(&mut t[1]).iter_mut().for_each(|b| *b /= 255)),
        ("blue first going in", FLOATS, |graph| graph.inputs = |t| blue_first(floats(&mut t[0]))),
        ("blue first coming out", FLOATS, |graph| graph.outputs = |t| blue_first(floats(&mut t[0]))),
        ("columns for rows", FLOATS, |graph| graph.inputs = |t| columns_for_rows(floats(&mut t[0]))),
        ("the mask before the picture", FLOATS, |graph| graph.inputs = |t| floats(&mut t[0]).rotate_right(AREA)),
        ("a grey hole", FLOATS, |graph| {
            graph.inputs = |t| {
                let (picture, mask) = floats(&mut t[0]).split_at_mut(3 * AREA);
                picture.iter_mut().zip(mask.iter().cycle()).for_each(|(value, hole)| *value += hole * 0.5);
            };
        }),
    ];
    for (what, case, mistake) in mistakes {
        let mut graph = session(case.graph);
        mistake(&mut graph);
        assert_eq!(notice(&case, graph, contract(case.model)), Notice::Shows, "{}: {what}", case.model);
    }
}

#[test]
fn a_name_may_be_left_out_where_there_is_one_output() {
    for (case, name) in [(BYTES, None), (FLOATS, Some("output".to_owned()))] {
        let other = SinglePassContract { output: name, ..contract(case.model) };
        assert_ne!(other, contract(case.model));
        assert_eq!(notice(&case, session(case.graph), other), Notice::Never, "{}", case.model);
    }
    let mut graph = session(FLOATS.graph);
    graph.outputs = |outputs| outputs.push(Tensor::f32("another", [1], vec![0.0]));
    assert_eq!(notice(&FLOATS, graph, contract(FLOATS.model)), Notice::Missing);
}

#[test]
fn an_output_of_another_size_is_refused() {
    let mut graph = session(FLOATS.graph);
    graph.outputs = |outputs| outputs[0].data = TensorData::F32(vec![0.5; 7]);
    assert!(matches!(fill(graph, contract(FLOATS.model), &tile()), Err(InferError::Shape(_))));
}
