//! The table of calls: what may be asked, of whom, by whom, and what comes back.

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{BlobId, EngineReport, Fault, ImageId, JobId, JobReport, ModelsReport, Recipe, TestReport, Tuning};
use crate::{geometry::Size, mask::Mark, models::ModelId};

/// The parts of the extension that talk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Context {
    /// The service worker: menus, permissions, tabs.
    Background,
    /// The hidden document with the models.
    Offscreen,
    /// The editor, over a page or in a tab of its own.
    Overlay,
    /// The panel behind the toolbar button.
    Popup,
    /// The script in a web page. It shares a process with the page, so it may ask for next to nothing.
    Content,
}

/// A question whose answer type is fixed by the question.
pub trait Call: Serialize + DeserializeOwned + Into<Request> {
    /// What the answer holds.
    type Reply: Serialize + DeserializeOwned;
}

/// An answer as it travels.
pub type Answer = Result<serde_json::Value, Fault>;

/// A call on its way to the context that answers it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Envelope {
    /// Who answers; everybody else leaves the message alone.
    pub to: Context,
    /// The call.
    pub request: Request,
}

macro_rules! calls {
    ($( $(#[$doc:meta])* $call:ident $fields:tt => $reply:ty, by $to:ident, for [$($from:ident),+]; )+) => {
        $( calls!(@type $(#[$doc])* $call $fields); )+

        /// Every call, as it travels.
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        #[serde(tag = "call", content = "args", rename_all = "snake_case")]
        pub enum Request { $( $(#[$doc])* $call($call), )+ }

        impl Request {
            /// The one context that answers.
            pub const fn answered_by(&self) -> Context {
                match self { $( Self::$call(_) => Context::$to, )+ }
            }

            /// Whether `asker` may ask this. `asker` is the browser's word on the sender, never the message's.
            pub fn admits(&self, asker: Context) -> bool {
                match self { $( Self::$call(_) => [$(Context::$from),+].contains(&asker), )+ }
            }
        }

        $(
            impl Call for $call { type Reply = $reply; }

            impl From<$call> for Request {
                fn from(call: $call) -> Self { Self::$call(call) }
            }
        )+
    };
    (@type $(#[$doc:meta])* $call:ident { $( $(#[$field_doc:meta])* $field:ident : $type:ty ),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        pub struct $call { $( $(#[$field_doc])* pub $field: $type, )* }
    };
}

calls! {
    /// Trades the one-time token that the service worker gave a page's frame for what the frame may work on.
    RedeemTicket {
        /// From the frame's address.
        token: String,
    } => Ticket, by Background, for [Overlay];
    /// Makes sure that the offscreen document exists.
    StartEngine {} => (), by Background, for [Overlay, Popup];
    /// Takes a picture of the visible part of the asker's tab; answers with a `data:` URL of a PNG.
    Screenshot {} => String, by Background, for [Overlay];
    /// Opens the editor in a tab of its own. With a token the picture of that page comes along.
    OpenEditor {
        /// A token that was not redeemed yet.
        token: Option<String>,
    } => (), by Background, for [Content, Overlay, Popup];
    /// Opens the editor over the active page.
    PickOnPage {
        /// The picture's address; none lets the person point at one.
        url: Option<String>,
    } => (), by Background, for [Popup];

    /// Says what the engine runs on, and whether it is ready.
    DescribeEngine {} => EngineReport, by Offscreen, for [Overlay, Popup];
    /// Runs the built-in model for some seconds, and tells what to expect of others.
    TestEngine {} => TestReport, by Offscreen, for [Popup];
    /// Decodes a picture and keeps it for jobs.
    OpenImage {
        /// The file's bytes.
        file: BlobId,
        /// Where those are only the pixels that the browser made of a file: that file. What it tells beside its picture stays.
        original: Option<BlobId>,
        /// What was done to it a short while ago is done again.
        resumes: bool,
    } => ImageInfo, by Offscreen, for [Overlay];
    /// Erases what the mask covers; progress follows as events. A running job of the same picture is cancelled.
    StartJob {
        /// A number that this client did not use before.
        job: JobId,
        /// The picture.
        image: ImageId,
        /// What to erase.
        mask: MaskSource,
        /// The model; none is the built-in one.
        model: Option<ModelId>,
        /// Where random numbers start.
        seed: u32,
        /// How it is to be done.
        tuning: Tuning,
    } => (), by Offscreen, for [Overlay];
    /// Takes up an earlier result of the same mask: its patches come again as events, and it is what is kept and saved.
    ChooseResult {
        /// The picture.
        image: ImageId,
        /// The job that made it.
        job: JobId,
    } => (), by Offscreen, for [Overlay];
    /// Stops a job at its next model run.
    CancelJob {
        /// Which one.
        job: JobId,
    } => (), by Offscreen, for [Overlay];
    /// Makes the last result the picture that the next job starts from.
    Keep {
        /// The picture.
        image: ImageId,
    } => (), by Offscreen, for [Overlay];
    /// Takes the last change of the picture back, a `Keep` or a `Restore`; `Restored` events bring the pixels that were
    /// there before.
    Unkeep {
        /// The picture.
        image: ImageId,
    } => (), by Offscreen, for [Overlay];
    /// Makes the change again that was taken back last; `Restored` events bring its pixels.
    Rekeep {
        /// The picture.
        image: ImageId,
    } => (), by Offscreen, for [Overlay];
    /// Brings the picture as it came back where marks are, as a change of its own; `Restored` events bring its pixels. The
    /// answer is whether there was something to bring back.
    Restore {
        /// The picture.
        image: ImageId,
        /// Where.
        marks: Vec<Mark>,
    } => bool, by Offscreen, for [Overlay];
    /// Tells what was done, step by step, so that it comes back when the same file is opened again soon. Results of what was
    /// marked before are of no use any more.
    Remember {
        /// The picture.
        image: ImageId,
        /// So many steps of those that were told before are still in the list.
        known: usize,
        /// Those behind them.
        steps: Vec<PastStep>,
        /// So many of all are done; the others were taken back.
        done: usize,
    } => (), by Offscreen, for [Overlay];
    /// Encodes the picture at full resolution.
    Export {
        /// The picture.
        image: ImageId,
        /// With the last result, or as jobs start from it.
        with_result: bool,
        /// In which format, and how.
        recipe: Recipe,
    } => ExportedFile, by Offscreen, for [Overlay];
    /// Lets a picture and its results go.
    CloseImage {
        /// The picture.
        image: ImageId,
        /// What was done to it comes back when the same file is opened again soon; else it is gone for good.
        is_parked: bool,
    } => (), by Offscreen, for [Overlay];

    /// Lists the models; `Models` events tell what changes.
    DescribeModels {} => ModelsReport, by Offscreen, for [Overlay, Popup];
    /// Fetches a model, or goes on with it. The person was told what, how much, and from where.
    GetModel {
        /// Which one.
        model: ModelId,
        /// Another hub with the same files, without a slash at its end.
        mirror: Option<String>,
    } => (), by Offscreen, for [Overlay, Popup];
    /// Stops fetching a model, to be gone on with.
    PauseModel {
        /// Which one.
        model: ModelId,
    } => (), by Offscreen, for [Overlay, Popup];
    /// Takes a model's files that the person has already.
    TakeModel {
        /// Which one.
        model: ModelId,
        /// One or more of its files.
        files: Vec<BlobId>,
    } => (), by Offscreen, for [Overlay, Popup];
    /// Reads a model that is here once more and checks it; [`PauseModel`] stops that.
    CheckModel {
        /// Which one.
        model: ModelId,
    } => (), by Offscreen, for [Overlay, Popup];
    /// Deletes a model, half or whole.
    DeleteModel {
        /// Which one.
        model: ModelId,
    } => (), by Offscreen, for [Overlay, Popup];
}

/// What a redeemed token stands for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    /// The tab with the picture.
    pub tab_id: i32,
}

/// What to erase: what `base` marks, then each mark in turn.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MaskSource {
    /// An image file of the picture's size whose pixels of at least half brightness are to go.
    pub base: Option<BlobId>,
    /// In the order made.
    pub marks: Vec<Mark>,
}

/// One step of what was done to a picture.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PastStep {
    /// A stroke or an area.
    Mark(Mark),
    /// A whole mask in place of all before, as [`MaskSource::base`].
    Mask(BlobId),
    /// Nothing is marked any more.
    Nothing,
    /// The picture itself became another one. What was marked before is done with.
    Changed(Change),
}

/// How a picture itself became another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// A result was kept.
    Kept,
    /// The original was painted back.
    Restored,
}

/// What was done to a picture when it was open before.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Session {
    /// All steps. `Restored` events bring the pixels of the changes among those that are done.
    pub steps: Vec<PastStep>,
    /// So many of them are done.
    pub done: usize,
    /// The result that was on the screen: [`ChooseResult`] brings it.
    pub result: Option<(JobId, JobReport)>,
}

/// What the engine found in a file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ImageInfo {
    /// Its name from now on.
    pub image: ImageId,
    /// Width and height after the camera's orientation was applied.
    pub size: Size,
    /// Formats that it can be saved in, the file's own first.
    pub formats: Vec<String>,
    /// Only the first of several frames is used.
    pub animated: bool,
    /// What was done to it before, if it was closed a short while ago.
    pub session: Option<Session>,
}

/// An encoded picture.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportedFile {
    /// The bytes.
    pub file: BlobId,
    /// How many.
    pub len_bytes: u64,
    /// Such as `image/png`.
    pub mime: String,
    /// Such as `png`.
    pub extension: String,
}

/// Ties a result to its call: answering with another call's reply does not compile.
///
/// # Errors
/// The fault that was passed in, or one of [`Fault::bug`] if the reply cannot be written as JSON.
pub fn answer<C: Call>(_: &C, result: Result<C::Reply, Fault>) -> Answer {
    result.and_then(|reply| serde_json::to_value(reply).map_err(Fault::bug))
}

#[cfg(test)]
mod tests {
    use super::{super::Beside, *};

    #[test]
    fn a_web_page_can_only_ask_for_the_editor_tab() {
        let asked: Vec<Request> = vec![
            RedeemTicket { token: String::new() }.into(),
            StartEngine {}.into(),
            Screenshot {}.into(),
            PickOnPage { url: None }.into(),
            OpenImage { file: BlobId(String::new()), original: None, resumes: true }.into(),
            Export { image: ImageId(0), with_result: true, recipe: Recipe::of("png") }.into(),
        ];
        assert!(asked.iter().all(|request| !request.admits(Context::Content)));
        assert!(Request::from(OpenEditor { token: None }).admits(Context::Content));
    }

    #[test]
    fn calls_travel_as_the_page_script_writes_them() {
        let text = r#"{"to":"background","request":{"call":"open_editor","args":{"token":"t"}}}"#;
        let envelope: Envelope = serde_json::from_str(text).unwrap();
        assert_eq!(envelope.request, OpenEditor { token: Some("t".to_owned()) }.into());
        assert_eq!(envelope.request.answered_by(), envelope.to);
    }

    #[test]
    fn a_recipe_comes_back_the_same() {
        for (quality, beside) in [(None, Beside::WithoutPlace), (Some(70), Beside::All), (Some(1), Beside::Nothing)] {
            let recipe = Recipe { quality, beside, ..Recipe::of("jpg") };
            let text = serde_json::to_string(&recipe).unwrap();
            assert_eq!(serde_json::from_str::<Recipe>(&text).unwrap(), recipe);
        }
        assert_eq!(Recipe::of("png").beside, Beside::WithoutPlace, "the place is left out unless somebody wants it");
    }

    #[test]
    fn an_empty_call_comes_back_the_same() {
        let request = Request::from(StartEngine {});
        let text = serde_json::to_string(&request).unwrap();
        assert_eq!(serde_json::from_str::<Request>(&text).unwrap(), request);
    }
}
