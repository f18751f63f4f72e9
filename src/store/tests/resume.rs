//! Whatever happens in between, the bytes are right, and none is fetched twice without need.

use futures_util::future::LocalBoxFuture;
use pollster::block_on;

use super::fakes::{Answer, Dice, KEY, Scene, body, model_bytes};
use crate::store::{Control, Halt, Phase, Progress, StoreError, check, find, forget, take_in};

#[test]
fn a_file_comes_in_parts() {
    let scene = Scene::new(40, &[]);
    let stored = scene.arrives();
    assert_eq!(scene.disk.names(), ["/checked.json", "/part-0000", "/part-0001", "/part-0002"]);
    assert_eq!(stored.part_keys().last(), Some(format!("{KEY}/part-0002")));
    assert_eq!(*scene.net.asked.borrow(), [None]);
    assert_eq!(block_on(find(&scene.disk, KEY)).unwrap(), Some(stored));
}

#[test]
fn a_file_that_was_checked_costs_no_request() {
    let scene = Scene::new(40, &[]);
    let stored = scene.arrives();
    scene.answers(&[Answer::Unreachable]);
    assert_eq!(scene.fetch().unwrap(), stored);
    assert!(scene.net.asked.borrow().is_empty());
    // Unless another one is wanted, or the browser threw a part away.
    scene.disk.blobs.borrow_mut().remove(&format!("{KEY}/part-0001"));
    assert_eq!(block_on(find(&scene.disk, KEY)).unwrap(), None);
    scene.answers(&[]);
    scene.arrives();
    assert_eq!(*scene.net.asked.borrow(), [Some(16)]);
    assert_eq!(scene.disk.puts.borrow().len(), 4 + 3, "part 2 comes again because one request brings all the rest");
}

/// Stops whatever is begun.
struct Impatient;

impl Control for Impatient {
    fn step(&self, _: Progress) -> Result<(), Halt> {
        Err(Halt::Pause)
    }

    fn wait<'a>(&'a self, _: u32, _: &'a StoreError) -> LocalBoxFuture<'a, Result<(), Halt>> {
        Box::pin(async { Err(Halt::Pause) })
    }
}

#[test]
fn what_is_here_can_be_checked_again() {
    let scene = Scene::new(40, &[]);
    let stored = scene.arrives();
    let again = || block_on(check(KEY, &scene.disk, &scene.person));
    assert_eq!(again().unwrap(), stored);
    let looked = scene.person.seen.borrow().last().copied();
    assert_eq!(looked, Some(Progress { phase: Phase::Checking, done_bytes: 40, total_bytes: Some(40) }));
    // Stopped half way it is as whole as before.
    assert!(matches!(block_on(check(KEY, &scene.disk, &Impatient)), Err(StoreError::Paused)));
    assert_eq!(block_on(find(&scene.disk, KEY)).unwrap().as_ref(), Some(&stored));
    // A bit that tipped over is found, and nothing of the file is kept.
    scene.disk.blobs.borrow_mut().get_mut(&format!("{KEY}/part-0001")).unwrap()[3] ^= 4;
    assert!(matches!(again(), Err(StoreError::WrongDigest { expected, .. }) if expected == stored.sha256));
    assert!(scene.disk.names().is_empty());
    assert!(matches!(again(), Err(StoreError::NotFound)));
    scene.answers(&[]);
    scene.arrives();
}

#[test]
fn cut_at_every_byte_it_takes_itself_up_again() {
    for len in [1, 15, 16, 17, 32, 40] {
        for cut in 0..=len as u64 {
            for broken in [Answer::EndsAt(cut), Answer::BreaksAt(cut), Answer::StallsAt(cut)] {
                let scene = Scene::new(len, &[broken, Answer::Well]);
                scene.arrives();
                // A body that breaks after its last byte is as good as any, where the length is known.
                let asked = scene.net.asked.borrow();
                assert!(asked[1..].iter().all(|from| from.unwrap_or(0) == cut), "{len} {broken:?}: {asked:?}");
            }
        }
    }
}

#[test]
fn stopped_at_every_byte_it_goes_on_with_the_first_missing_part() {
    for len in [15, 16, 40, 64] {
        for stop in 0..len as u64 {
            let scene = Scene::new(len, &[]);
            scene.person.halts_at.set(Some((stop, Halt::Pause)));
            assert!(matches!(scene.fetch(), Err(StoreError::Paused)), "{len} {stop}");
            let kept = scene.disk.content().len() as u64;
            assert_eq!(block_on(find(&scene.disk, KEY)).unwrap(), None);
            scene.person.halts_at.set(None);
            scene.answers(&[]);
            scene.arrives();
            let expected = if kept == len as u64 { vec![] } else { vec![Some(kept).filter(|kept| *kept > 0)] };
            assert_eq!(*scene.net.asked.borrow(), expected, "{len} {stop}");
        }
    }
}

#[test]
fn any_row_of_mishaps_ends_well() {
    for seed in 0..400 {
        let mut dice = Dice(seed);
        let len = 1 + dice.roll(200);
        let mut scene = Scene::new(len as usize, &[]);
        scene.net.chunk_bytes = 1 + dice.roll(40) as usize;
        for _ in 0..dice.roll(6) {
            scene.options.part_bytes = 8 + dice.roll(24);
            let at = dice.roll(len + 1);
            let mishap = match dice.roll(8) {
                0 => Answer::EndsAt(at),
                1 => Answer::BreaksAt(at),
                2 => Answer::StallsAt(at),
                3 => Answer::Status(503),
                4 => Answer::Unreachable,
                5 => Answer::StartsLate(3),
                6 => Answer::Status(403),
                _ => Answer::IgnoresRange,
            };
            scene.answers(&[mishap]);
            scene.person.halts_at.set((dice.roll(3) == 0).then_some((at, Halt::Pause)));
            // It may even come.
            if scene.fetch().is_ok() {
                block_on(forget(&scene.disk, KEY)).unwrap();
            }
        }
        scene.person.halts_at.set(None);
        scene.answers(&[if dice.roll(2) == 0 { Answer::Well } else { Answer::IgnoresRange }]);
        scene.arrives();
    }
}

#[test]
fn a_server_that_ignores_ranges_sends_all_and_nothing_breaks() {
    let scene = Scene::new(60, &[Answer::BreaksAt(23), Answer::IgnoresRange]);
    scene.arrives();
    assert_eq!(*scene.net.asked.borrow(), [None, Some(23)]);
}

#[test]
fn a_proxy_that_refuses_ranges_is_asked_for_the_whole() {
    for refusal in [Answer::Status(416), Answer::StartsLate(1)] {
        let scene = Scene::new(60, &[Answer::BreaksAt(23), refusal, Answer::Well]);
        scene.arrives();
        assert_eq!(*scene.net.asked.borrow(), [None, Some(23), None]);
    }
}

#[test]
fn each_stored_part_is_new_patience() {
    // Every answer brings one part: far more breaks than retries.
    let answers: Vec<Answer> = (1..=10).map(|part| Answer::EndsAt(16 * part)).collect();
    let scene = Scene::new(160, &answers);
    scene.arrives();
    assert!(scene.person.waits.borrow().iter().all(|retry| *retry == 1));
    // Less than a part each: patience ends.
    let answers: Vec<Answer> = (1..=10).map(Answer::EndsAt).collect();
    let scene = Scene::new(160, &answers);
    assert!(matches!(scene.fetch(), Err(StoreError::CutShort { done_bytes: 4 })));
    assert_eq!(*scene.person.waits.borrow(), [1, 2, 3]);
}

#[test]
fn another_part_size_goes_on_with_the_old_one_or_anew() {
    for (before, after, asks_from) in [(16, 24, Some(48)), (24, 16, Some(48)), (16, 100, None), (100, 16, Some(50))] {
        let mut scene = Scene::new(250, &[]);
        scene.options.part_bytes = before;
        scene.answers(&[Answer::EndsAt(50)]);
        scene.fetch().unwrap_err();
        let kept = scene.disk.content().len() as u64;
        let asks_from = asks_from.filter(|_| kept > 0).map(|_| kept);
        scene.options.part_bytes = after;
        scene.answers(&[]);
        let stored = scene.arrives();
        assert_eq!(*scene.net.asked.borrow(), [asks_from], "{before} then {after}");
        assert_eq!(stored.part_bytes, if asks_from.is_some() { before } else { after });
    }
}

#[test]
fn what_is_known_of_no_length_comes_too() {
    for len in [1, 16, 31, 32, 40] {
        for cut in 0..=len as u64 {
            let mut scene = Scene::new(len, &[Answer::BreaksAt(cut), Answer::SaysNoLength]);
            (scene.file.len_bytes, scene.file.sha256) = (None, None);
            scene.arrives();
            // From a server that says no length at all.
            scene.answers(&[Answer::SaysNoLength]);
            block_on(forget(&scene.disk, KEY)).unwrap();
            scene.arrives();
        }
    }
}

#[test]
fn stored_parts_are_shown_as_being_checked() {
    let scene = Scene::new(40, &[Answer::EndsAt(33)]);
    scene.fetch().unwrap_err();
    scene.person.seen.borrow_mut().clear();
    scene.answers(&[]);
    scene.arrives();
    let seen = scene.person.seen.borrow();
    let fetching = seen.iter().position(|progress| progress.phase == Phase::Fetching).unwrap();
    let last = |end| Progress { phase: Phase::Checking, done_bytes: end, total_bytes: Some(40) };
    assert_eq!(seen[fetching - 1], last(32));
    assert!(seen[fetching..].iter().all(|progress| progress.phase == Phase::Fetching && progress.done_bytes >= 32));
    assert!(seen.windows(2).all(|pair| pair[0].done_bytes <= pair[1].done_bytes));
}

#[test]
fn a_damaged_part_is_found_though_it_was_stored() {
    let scene = Scene::new(40, &[Answer::EndsAt(33)]);
    scene.fetch().unwrap_err();
    scene.disk.blobs.borrow_mut().get_mut(&format!("{KEY}/part-0001")).unwrap()[3] ^= 1;
    scene.answers(&[]);
    assert!(matches!(scene.fetch(), Err(StoreError::WrongDigest { .. })));
    assert!(scene.disk.names().is_empty());
    scene.arrives();
}

#[test]
fn a_file_from_disk_goes_the_same_way() {
    let scene = Scene::new(40, &[Answer::EndsAt(20)]);
    scene.fetch().unwrap_err();
    scene.disk.puts.borrow_mut().clear();
    let bytes = model_bytes(40);
    let take = |bytes: &[u8]| {
        let mut source = body(bytes, 7, None);
        block_on(take_in(&scene.file, scene.options, &mut *source, &scene.disk, &scene.person))
    };
    // Others than the right one leave what was downloaded as it was, where their length gives them away.
    assert!(matches!(take(&bytes[..39]), Err(StoreError::WrongLength { actual_bytes: 39, .. })));
    assert_eq!(scene.disk.names(), ["/part-0000"]);
    assert!(matches!(take(&[bytes.clone(), vec![0]].concat()), Err(StoreError::WrongLength { .. })));
    assert_eq!(scene.disk.names(), ["/part-0000"]);
    scene.disk.puts.borrow_mut().clear();
    let stored = take(&bytes).unwrap();
    assert_eq!(scene.disk.puts.borrow().len(), 3, "two parts and the record: the first part was there");
    assert_eq!(scene.disk.content(), bytes);
    assert_eq!(scene.fetch().unwrap(), stored);
}
