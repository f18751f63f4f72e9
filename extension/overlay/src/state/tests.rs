use brushaway::{
    geometry::{Point, Size},
    mask::{Mark, Stroke},
    models::Backend,
    protocol::{BlobId, Change, Event, Fault, JobReport},
};

use super::*;

fn after(actions: impl IntoIterator<Item = Action>) -> Editor {
    let start = Rc::new(Editor::default());
    Rc::unwrap_or_clone(actions.into_iter().fold(start, Reducible::reduce))
}

fn open() -> Action {
    let size = Size::new(800, 600).unwrap();
    Action::Open(Picture { name: "cat".to_owned(), size, formats: vec!["png".to_owned()], notes: Vec::new() })
}

fn draw(tool: Tool) -> Action {
    Action::Draw(Rc::new(Mark::Stroke(Stroke::new(tool, 9.0, vec![Point::new(5.0, 5.0)]))))
}

fn patch(job: u32, stage: Stage) -> Action {
    let rect = Size::new(8, 8).unwrap().bounds();
    Action::Hear(Event::Patch { job: JobId(job), stage, rect, pixels: BlobId("b".to_owned()) })
}

fn finished(job: u32) -> Action {
    let report = JobReport {
        model: "Lite".to_owned(),
        seed: None,
        backend: Backend::Wasm { threads: 2 },
        parts: 1,
        stages: Vec::new(),
        total_millis: 900.0,
    };
    Action::Hear(Event::Finished { job: JobId(job), report })
}

#[test]
fn a_job_goes_from_stroke_to_result() {
    let editor =
        after([open(), draw(Tool::Brush), Action::Start(JobId(0), None), patch(0, Stage::Network), finished(0)]);
    assert!(matches!(editor.job, Job::Done(_)));
    assert_eq!(editor.result, Some(Stage::Network));
    assert!(editor.is_dirty);
}

#[test]
fn a_superseded_job_can_no_longer_change_anything() {
    let editor = after([
        open(),
        draw(Tool::Brush),
        Action::Start(JobId(0), None),
        draw(Tool::Brush),
        Action::Start(JobId(1), None),
        patch(0, Stage::Textured),
        finished(0),
    ]);
    assert_eq!(editor.running(), Some(JobId(1)));
    assert_eq!(editor.result, None);
}

#[test]
fn cancelling_keeps_what_was_painted() {
    let editor =
        after([open(), draw(Tool::Brush), Action::Start(JobId(0), None), Action::Cancel, patch(0, Stage::Network)]);
    assert_eq!(editor.job, Job::Cancelled);
    assert_eq!(editor.painting.steps().len(), 1);
    assert_eq!(editor.result, None);
}

#[test]
fn a_lost_engine_loses_no_stroke() {
    let fault = Fault::engine_lost("closed");
    let editor = after([open(), draw(Tool::Brush), Action::Start(JobId(0), None), Action::Lose(fault.clone())]);
    assert_eq!(editor.job, Job::Failed(fault));
    assert_eq!(editor.painting.steps().len(), 1);
}

#[test]
fn undoing_the_last_stroke_brings_the_source_back() {
    let editor = after([open(), draw(Tool::Brush), Action::Start(JobId(0), None), finished(0), Action::Jump(0)]);
    assert_eq!(editor.job, Job::Idle);
    assert_eq!(editor.result, None);
    assert!(!editor.is_dirty);
}

#[test]
fn a_kept_result_is_still_unsaved() {
    let actions = [open(), draw(Tool::Brush), Action::Start(JobId(0), None), patch(0, Stage::Textured), finished(0)];
    let editor = after(actions.into_iter().chain([Action::Change(Change::Kept)]));
    assert!(editor.painting.is_blank() && editor.is_dirty);
    assert_eq!(editor.painting.changes(), 1);
}

#[test]
fn undoing_a_kept_result_brings_its_mask_back() {
    let actions = [open(), draw(Tool::Brush), Action::Start(JobId(0), None), patch(0, Stage::Textured), finished(0)];
    let editor = after(actions.into_iter().chain([Action::Change(Change::Kept), Action::Jump(1)]));
    assert!(!editor.painting.is_blank() && editor.painting.can_redo());
    assert_eq!(editor.painting.changes(), 0);
}

#[test]
fn a_question_is_not_about_what_went_wrong_before() {
    let ask = Ask { host: "a".to_owned(), refused: None, can_capture: false, is_named: true };
    assert_eq!(after([Action::Tell("no address".to_owned()), Action::Ask(ask)]).notice, None);
}

#[test]
fn what_was_done_before_is_there_again() {
    let resume = |job| Action::Resume {
        done: vec![Step::Changed(Change::Kept)],
        undone: vec![Step::Changed(Change::Restored)],
        job,
    };
    let editor = after([open(), resume(None)]);
    assert!(editor.is_dirty && editor.painting.is_blank() && editor.painting.changes() == 1);
    assert!(editor.painting.can_redo() && editor.running().is_none());
    let editor = after([open(), resume(None), Action::Jump(0)]);
    assert!(!editor.is_dirty, "the original is as it was");
}

#[test]
fn a_result_that_comes_back_is_like_one_just_made() {
    let Action::Draw(mark) = draw(Tool::Brush) else { panic!("a mark") };
    let resume = Action::Resume { done: vec![Step::Mark(mark)], undone: Vec::new(), job: Some(JobId(7)) };
    let editor = after([open(), resume, patch(7, Stage::Textured), finished(7)]);
    assert!(editor.can_keep() && editor.is_result_current && editor.is_dirty);
    assert_eq!(editor.next_job(), JobId(8), "the number is taken");
}

#[test]
fn saving_leaves_nothing_to_lose() {
    let editor = after([
        open(),
        draw(Tool::Brush),
        Action::Start(JobId(0), None),
        patch(0, Stage::Textured),
        finished(0),
        Action::Saving,
        Action::Saved("x".to_owned()),
    ]);
    assert!(!editor.is_dirty && !editor.is_saving);
}

#[test]
fn brush_sizes_stay_usable() {
    assert!(RADIUS.contains(&after([open(), Action::Resize(-5.0)]).radius));
    assert!(RADIUS.contains(&after([open(), Action::Resize(1e9)]).radius));
}

#[test]
fn job_numbers_are_never_used_twice() {
    let editor = after([open(), Action::Start(JobId(0), None), open()]);
    assert_eq!(editor.next_job(), JobId(1));
}

#[test]
fn what_the_engine_lost_cannot_be_saved_as_if_it_were_there() {
    let done = [open(), draw(Tool::Brush), Action::Start(JobId(0), None), patch(0, Stage::Textured), finished(0)];
    assert!(after(done.clone()).can_export());
    let lost = after(done.into_iter().chain([Action::Lose(Fault::engine_lost("closed"))]));
    assert!(matches!(lost.job, Job::Failed(_)) && !lost.can_export());
}

#[test]
fn an_idle_editor_does_not_mind_a_lost_engine() {
    let editor = after([open(), Action::Lose(Fault::engine_lost("closed"))]);
    assert_eq!(editor.job, Job::Idle);
}

#[test]
fn a_failed_job_leaves_no_result_on_screen() {
    let fault = Fault::new("fault_empty_mask", brushaway::protocol::Action::Adjust, "");
    let failed = Action::Hear(Event::Failed { job: JobId(0), fault: fault.clone() });
    let editor = after([open(), draw(Tool::Brush), Action::Start(JobId(0), None), patch(0, Stage::Preview), failed]);
    assert_eq!((editor.job, editor.result), (Job::Failed(fault), None));
}
