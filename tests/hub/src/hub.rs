//! The running hub: what it has, what it was asked, what is to go wrong.

use std::{
    collections::BTreeMap,
    io,
    net::{Shutdown, TcpListener, TcpStream},
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use crate::{Content, Fault, request::Request, respond::respond};

/// Which of the two hosts was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Host {
    /// Knows names, and redirects.
    Hub,
    /// Has the bytes, for who brings a signature.
    Bytes,
}

/// A request that was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// `GET`, `HEAD`, `OPTIONS`.
    pub method: String,
    /// Path and query.
    pub target: String,
    /// Whether it went to the host that has the bytes.
    pub is_signed: bool,
    /// Where in the file it wanted to begin.
    pub from_byte: Option<u64>,
}

/// A hosted file.
#[derive(Debug)]
pub(crate) struct File {
    pub(crate) repo: String,
    pub(crate) path: String,
    pub(crate) content: Arc<Content>,
    /// Made when first asked for: hashing a large file takes a while.
    sha256: OnceLock<String>,
}

impl File {
    pub(crate) fn sha256(&self) -> &str {
        self.sha256.get_or_init(|| self.content.sha256())
    }
}

#[derive(Debug)]
pub(crate) struct State {
    /// By `<repo>/<path>`.
    pub(crate) files: BTreeMap<String, File>,
    pub(crate) faults: BTreeMap<String, Fault>,
    /// Signatures that were given away, with the time.
    pub(crate) signatures: BTreeMap<u64, Instant>,
    pub(crate) signature_life: Duration,
    given: u64,
    seen: Vec<Seen>,
    /// Open connections, to be closed when the hub stops.
    open: BTreeMap<u64, TcpStream>,
    opened: u64,
    is_stopped: bool,
}

impl State {
    /// The fault of a path, if it is this host's and happens now.
    pub(crate) fn fault(&mut self, key: &str, host: Host) -> Option<Fault> {
        let fault = self.faults.get_mut(key)?;
        if fault.is_of_hub() != (host == Host::Hub) || fault.left == Some(0) {
            return None;
        }
        fault.left = fault.left.map(|left| left - 1);
        Some(*fault)
    }

    /// A new signature.
    pub(crate) fn sign(&mut self) -> u64 {
        self.given += 1;
        self.signatures.insert(self.given, now());
        self.given
    }

    /// Whether the signature is one of ours and not too old.
    pub(crate) fn admits(&self, signature: u64) -> bool {
        self.signatures.get(&signature).is_some_and(|given| given.elapsed() < self.signature_life)
    }
}

#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) ports: [u16; 2],
    state: Mutex<State>,
}

impl Shared {
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A hub on loopback, until it is dropped.
#[derive(Debug)]
pub struct Hub {
    shared: Arc<Shared>,
    listening: Vec<JoinHandle<()>>,
}

impl Hub {
    /// Starts with nothing to give.
    ///
    /// # Errors
    /// If there is no free port.
    pub fn start() -> io::Result<Self> {
        let listeners = [TcpListener::bind("127.0.0.1:0")?, TcpListener::bind("127.0.0.1:0")?];
        let shared = Arc::new(Shared {
            ports: [listeners[0].local_addr()?.port(), listeners[1].local_addr()?.port()],
            state: Mutex::new(State {
                files: BTreeMap::new(),
                faults: BTreeMap::new(),
                signatures: BTreeMap::new(),
                signature_life: Duration::from_hours(1),
                given: 0,
                seen: Vec::new(),
                open: BTreeMap::new(),
                opened: 0,
                is_stopped: false,
            }),
        });
        let hosts = [Host::Hub, Host::Bytes].into_iter().zip(listeners);
        let listening = hosts.map(|(host, listener)| {
            let shared = Arc::clone(&shared);
            thread::spawn(move || listen(host, &listener, &shared))
        });
        Ok(Self { listening: listening.collect(), shared })
    }

    /// The hub's address, without a slash at its end.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.shared.ports[0])
    }

    /// Hosts a file, under any revision.
    pub fn put(&self, repo: &str, path: &str, content: Content) {
        let (content, sha256) = (Arc::new(content), OnceLock::new());
        let file = File { repo: repo.to_owned(), path: path.to_owned(), content, sha256 };
        self.shared.state().files.insert(format!("{repo}/{path}"), file);
    }

    /// From now on this goes wrong with `path`: `<repo>/<path>` of a file, or `api/<repo>` for the list.
    pub fn breaks(&self, path: &str, fault: Fault) {
        self.shared.state().faults.insert(path.to_owned(), fault);
    }

    /// From now on nothing goes wrong with `path`.
    pub fn mends(&self, path: &str) {
        self.shared.state().faults.remove(path);
    }

    /// How long signed addresses are good.
    pub fn set_signature_life(&self, life: Duration) {
        self.shared.state().signature_life = life;
    }

    /// All signed addresses that were given away are good no more.
    pub fn expire_all(&self) {
        self.shared.state().signatures.clear();
    }

    /// All requests so far, in order.
    pub fn seen(&self) -> Vec<Seen> {
        self.shared.state().seen.clone()
    }

    /// Forgets what was seen.
    pub fn forget_seen(&self) {
        self.shared.state().seen.clear();
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        let mut state = self.shared.state();
        state.is_stopped = true;
        for stream in state.open.values() {
            // It may be closed already.
            stream.shutdown(Shutdown::Both).unwrap_or_default();
        }
        drop(state);
        for (port, listening) in self.shared.ports.into_iter().zip(self.listening.drain(..)) {
            // Wakes the listener up. Where that fails it is gone already.
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                listening.join().unwrap_or_default();
            }
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "native code only: a server has a clock")]
fn now() -> Instant {
    Instant::now()
}

/// A thread for each connection, so that one that stalls does not hold up the rest.
fn listen(host: Host, listener: &TcpListener, shared: &Arc<Shared>) {
    for stream in listener.incoming().flatten() {
        let mut state = shared.state();
        if state.is_stopped {
            return;
        }
        state.opened += 1;
        let number = state.opened;
        if let Ok(other) = stream.try_clone() {
            state.open.insert(number, other);
        }
        drop(state);
        let shared = Arc::clone(shared);
        thread::spawn(move || {
            // A client that lost interest is no fault of ours.
            converse(host, &stream, &shared).unwrap_or_default();
            shared.state().open.remove(&number);
        });
    }
}

fn converse(host: Host, stream: &TcpStream, shared: &Shared) -> io::Result<()> {
    let Some(request) = Request::read(stream)? else { return Ok(()) };
    let query = if request.query.is_empty() { String::new() } else { format!("?{}", request.query) };
    shared.state().seen.push(Seen {
        method: request.method.clone(),
        target: format!("{}{query}", request.path),
        is_signed: host == Host::Bytes,
        from_byte: request.range.map(|(first, _)| first),
    });
    respond(host, &request, stream, shared)
}
