//! A synchronous client of the `DevTools` protocol over a pair of pipes, with flat sessions.

use std::{
    collections::HashMap,
    io::{BufRead as _, BufReader, PipeReader, PipeWriter, Write as _},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};

use anyhow::{Context as _, anyhow, bail};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};

/// No single command takes this long unless the browser hangs.
const PATIENCE: Duration = Duration::from_mins(1);

/// The connection to one browser.
#[derive(Debug, Clone)]
pub struct Cdp(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    out: Mutex<PipeWriter>,
    serial: AtomicU64,
    inbox: Arc<Inbox>,
}

#[derive(Debug, Default)]
struct Inbox {
    waiting: Mutex<HashMap<u64, mpsc::Sender<Value>>>,
    events: Mutex<HashMap<String, Vec<Event>>>,
}

/// Something that the browser told without being asked.
#[derive(Debug, Clone, Deserialize)]
pub struct Event {
    /// Such as `Runtime.consoleAPICalled`.
    pub method: String,
    /// What comes with it.
    #[serde(default)]
    pub params: Value,
}

/// A page, frame, worker or document of the browser.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Target {
    /// Its name.
    pub target_id: String,
    /// `page`, `tab`, `iframe`, `service_worker`, `background_page`, ...
    #[serde(rename = "type")]
    pub kind: String,
    /// Its address.
    pub url: String,
}

/// A target that was attached to.
#[derive(Debug, Clone)]
pub struct Session {
    cdp: Cdp,
    id: String,
    target: String,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Inbox {
    fn take_in(&self, message: Value) {
        if let Some(serial) = message["id"].as_u64() {
            if let Some(waiting) = locked(&self.waiting).remove(&serial) {
                waiting.send(message).unwrap_or_default(); // whoever asked gave up
            }
        } else {
            let session = message["sessionId"].as_str().unwrap_or_default().to_owned();
            if let Ok(event) = serde_json::from_value(message) {
                locked(&self.events).entry(session).or_default().push(event);
            }
        }
    }

    fn read_all(&self, pipe: PipeReader) {
        let mut pipe = BufReader::new(pipe);
        let mut bytes = Vec::new();
        while pipe.read_until(0, &mut bytes).is_ok_and(|len| len > 0) {
            bytes.pop();
            if let Ok(message) = serde_json::from_slice(&bytes) {
                self.take_in(message);
            }
            bytes.clear();
        }
        locked(&self.waiting).clear(); // the browser is gone: nobody waits in vain
    }
}

impl Cdp {
    /// Speaks over `out`, listens on `back`.
    pub fn new(out: PipeWriter, back: PipeReader) -> Self {
        let inbox = Arc::new(Inbox::default());
        let reader = Arc::clone(&inbox);
        thread::spawn(move || reader.read_all(back));
        Self(Arc::new(Shared { out: Mutex::new(out), serial: AtomicU64::new(1), inbox }))
    }

    /// Sends a command to the browser itself.
    ///
    /// # Errors
    /// What the browser says, or that it is gone.
    #[expect(clippy::needless_pass_by_value, reason = "every caller makes it on the spot")]
    pub fn call(&self, method: &str, params: Value) -> anyhow::Result<Value> {
        self.send(None, method, &params)
    }

    fn send(&self, session: Option<&str>, method: &str, params: &Value) -> anyhow::Result<Value> {
        let serial = self.0.serial.fetch_add(1, Ordering::Relaxed);
        let mut message = json!({ "id": serial, "method": method, "params": params });
        if let Some(session) = session {
            message["sessionId"] = json!(session);
        }
        let (sender, answer) = mpsc::channel();
        locked(&self.0.inbox.waiting).insert(serial, sender);
        let mut bytes = message.to_string().into_bytes();
        bytes.push(0);
        locked(&self.0.out).write_all(&bytes).with_context(|| format!("{method}: the browser is gone"))?;
        let mut answer = answer.recv_timeout(PATIENCE).with_context(|| format!("{method}: no answer"))?;
        if answer["error"].is_object() {
            bail!("{method}: {}", answer["error"]);
        }
        Ok(answer["result"].take())
    }

    /// Everything that can be attached to.
    ///
    /// # Errors
    /// If the browser is gone.
    pub fn targets(&self) -> anyhow::Result<Vec<Target>> {
        let mut found = self.call("Target.getTargets", json!({ "filter": [{}] }))?;
        Ok(serde_json::from_value(found["targetInfos"].take())?)
    }

    /// Attaches to a target and starts to keep its console.
    ///
    /// # Errors
    /// If it is gone.
    pub fn attach(&self, target: &str) -> anyhow::Result<Session> {
        let answer = self.call("Target.attachToTarget", json!({ "targetId": target, "flatten": true }))?;
        let id = answer["sessionId"].as_str().context("no session")?.to_owned();
        let session = Session { cdp: self.clone(), id, target: target.to_owned() };
        session.call("Runtime.enable", json!({}))?;
        Ok(session)
    }

    /// What consoles and uncaught errors said, all sessions together.
    pub fn console(&self) -> Vec<String> {
        let events = locked(&self.0.inbox.events);
        events.iter().flat_map(|(session, events)| events.iter().filter_map(|event| line(session, event))).collect()
    }
}

/// A console message or uncaught error as one line.
fn line(session: &str, event: &Event) -> Option<String> {
    let origin = session.get(..6).unwrap_or(session);
    match event.method.as_str() {
        "Runtime.consoleAPICalled" => {
            let args = event.params["args"].as_array()?;
            let words: Vec<String> = args
                .iter()
                .map(|arg| arg["value"].as_str().or(arg["description"].as_str()).unwrap_or("?").to_owned())
                .collect();
            Some(format!("{origin} {}: {}", event.params["type"].as_str()?, words.join(" ")))
        }
        "Runtime.exceptionThrown" => {
            let details = &event.params["exceptionDetails"];
            Some(format!("{origin} uncaught: {} {}", details["text"], details["exception"]["description"]))
        }
        _ => None,
    }
}

impl Session {
    /// The connection.
    pub fn cdp(&self) -> &Cdp {
        &self.cdp
    }

    /// The target's name.
    pub fn target(&self) -> &str {
        &self.target
    }

    /// Sends a command to the target.
    ///
    /// # Errors
    /// What the browser says, or that the target is gone.
    #[expect(clippy::needless_pass_by_value, reason = "every caller makes it on the spot")]
    pub fn call(&self, method: &str, params: Value) -> anyhow::Result<Value> {
        self.cdp.send(Some(&self.id), method, &params)
    }

    /// Runs an expression, with a user's gesture, and waits if it is a promise.
    ///
    /// # Errors
    /// The exception that it threw.
    pub fn eval(&self, expression: &str) -> anyhow::Result<Value> {
        let params = json!({
            "expression": expression,
            "awaitPromise": true,
            "returnByValue": true,
            "userGesture": true,
        });
        let mut answer = self.call("Runtime.evaluate", params)?;
        if answer["exceptionDetails"].is_object() {
            let details = &answer["exceptionDetails"];
            let text = details["exception"]["description"].as_str().or(details["text"].as_str()).unwrap_or("?");
            return Err(anyhow!("{text}\nin {expression}"));
        }
        Ok(answer["result"]["value"].take())
    }

    /// Runs an expression and reads its value as a `T`.
    ///
    /// # Errors
    /// The exception that it threw, or that the value has another shape.
    pub fn read<T: DeserializeOwned>(&self, expression: &str) -> anyhow::Result<T> {
        let value = self.eval(expression)?;
        serde_json::from_value(value.clone()).with_context(|| format!("{value} from {expression}"))
    }

    /// Events of one kind since the session began.
    pub fn events(&self, method: &str) -> Vec<Event> {
        let events = locked(&self.cdp.0.inbox.events);
        let own = events.get(&self.id).map(Vec::as_slice).unwrap_or_default();
        own.iter().filter(|event| event.method == method).cloned().collect()
    }
}
