//! A small HTTP server that follows a script and remembers what it was asked.

use std::io::Write;
use std::sync::{Arc, Mutex};

use flate2::Compression;
use flate2::write::GzEncoder;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinHandle;

/// A request as it came in.
#[derive(Clone, Debug)]
pub struct Seen {
    pub method: String,
    pub path: String,
    pub query: String,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Seen {
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

/// What the server does with a request.
#[derive(Clone, Debug)]
pub enum Reply {
    /// Status, further headers and body.
    Answer(u16, Vec<(&'static str, String)>, String),
    /// Answers with a compressed body.
    Gzip(u16, String),
    /// Promises more bytes than it sends and closes.
    CutOff(u16, String),
    /// Closes without a word.
    Close,
    /// Says nothing and keeps the connection.
    Hang,
    /// Answers only after [`Server::release`].
    Held(u16, String),
}

impl Reply {
    pub fn json(status: u16, body: impl Into<String>) -> Self {
        Self::Answer(status, Vec::new(), body.into())
    }

    pub fn with(status: u16, header: (&'static str, &str), body: impl Into<String>) -> Self {
        Self::Answer(status, vec![(header.0, header.1.to_owned())], body.into())
    }
}

type Script = Arc<dyn Fn(usize, &Seen) -> Reply + Send + Sync>;

/// Stops when dropped.
pub struct Server {
    address: std::net::SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
    arrived: Arc<Notify>,
    release: Arc<Notify>,
    task: JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    /// Answers request after request from a list; the last reply is repeated.
    pub async fn replying(replies: impl IntoIterator<Item = Reply>) -> Self {
        let replies: Vec<Reply> = replies.into_iter().collect();
        Self::start(move |n, _| replies.get(n).or_else(|| replies.last()).unwrap().clone()).await
    }

    /// Answers by number and content of the request.
    pub async fn start(script: impl Fn(usize, &Seen) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let script: Script = Arc::new(script);
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (arrived, release) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let shared = (Arc::clone(&seen), Arc::clone(&arrived), Arc::clone(&release));
        let task = tokio::spawn(async move {
            let mut connections = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let (seen, arrived, release) = shared.clone();
                connections.spawn(serve(stream, Arc::clone(&script), seen, arrived, release));
            }
        });
        Self { address, seen, arrived, release, task }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn authority(&self) -> String {
        self.address.to_string()
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    pub fn count(&self, method: &str) -> usize {
        self.seen().iter().filter(|seen| seen.method == method).count()
    }

    /// Waits until a request has come in.
    pub async fn arrival(&self) {
        self.arrived.notified().await;
    }

    /// Lets held answers go.
    pub fn release(&self) {
        self.release.notify_one();
    }
}

async fn serve(
    mut stream: TcpStream,
    script: Script,
    seen: Arc<Mutex<Vec<Seen>>>,
    arrived: Arc<Notify>,
    release: Arc<Notify>,
) {
    let Some(request) = read(&mut stream).await else { return };
    let number = {
        let mut seen = seen.lock().unwrap();
        seen.push(request.clone());
        seen.len() - 1
    };
    arrived.notify_one();
    let (status, headers, body, promised) = match script(number, &request) {
        Reply::Answer(status, headers, body) => (status, headers, body.into_bytes(), 0),
        Reply::Gzip(status, body) => {
            let headers = vec![("content-encoding", "gzip".to_owned())];
            (status, headers, gzip(body.as_bytes()), 0)
        }
        Reply::CutOff(status, body) => (status, Vec::new(), body.into_bytes(), 100),
        Reply::Close => return,
        Reply::Hang => std::future::pending().await,
        Reply::Held(status, body) => {
            release.notified().await;
            (status, Vec::new(), body.into_bytes(), 0)
        }
    };
    let length = body.len() + promised;
    let mut head =
        format!("HTTP/1.1 {status} X\r\nconnection: close\r\ncontent-length: {length}\r\n");
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    let _ = stream.write_all(&[head.as_bytes(), b"\r\n", &body].concat()).await;
    let _ = stream.shutdown().await;
}

/// Packs a body.
pub fn gzip(body: &[u8]) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
    packer.write_all(body).unwrap();
    packer.finish().unwrap()
}

async fn read(stream: &mut TcpStream) -> Option<Seen> {
    let mut bytes = Vec::new();
    let head_end = loop {
        if let Some(at) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break at;
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8(bytes[..head_end].to_vec()).unwrap();
    let mut lines = head.lines();
    let mut first = lines.next()?.split(' ');
    let (method, target) = (first.next()?.to_owned(), first.next()?.to_owned());
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let length: usize = length.map_or(0, |(_, value)| value.parse().unwrap());
    while bytes.len() < head_end + 4 + length {
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
    let body = String::from_utf8(bytes[head_end + 4..].to_vec()).unwrap();
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    Some(Seen { method, path: path.to_owned(), query: query.to_owned(), headers, body })
}
