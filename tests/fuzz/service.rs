//! Whole answers, read by the client and turned into state.
//!
//! An input is three lines (which call and status, Retry-After, Date) and the
//! body. A listener on this machine answers with it whatever it is asked.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use terraform_provider_modelarts::modelarts::{
    Backoff, Call, Client, CredentialSource, Endpoint, Endpoints, Error, Keys, PoolFilter, PoolId,
    ProjectRef, Settings,
};
use terraform_provider_modelarts::resources::pool::PoolResource;
use terraform_provider_modelarts::resources::session::{Connection, Session};
use terraform_provider_modelarts::tf::codec::{json, msgpack};
use terraform_provider_modelarts::tf::context::Context;
use terraform_provider_modelarts::tf::diagnostics::Diagnostics;
use terraform_provider_modelarts::tf::keeper::{Keeper, Kept};
use terraform_provider_modelarts::tf::model::Tf;
use terraform_provider_modelarts::tf::private::Private;
use terraform_provider_modelarts::tf::resource::{AnyResource, Import, Outcome, typed};
use terraform_provider_modelarts::tf::value::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::harness::{data, fuzz};

const POOL: &str = "pool-ae01-6f5da086876d4cd084d36f8bd3346036";
const SECRET: &str = "dummy-secret-key-of-the-tests";

/// The answer to everything.
#[derive(Default)]
struct Scripted {
    call: String,
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
    /// How often it was given.
    served: usize,
}

impl Scripted {
    fn read(input: &[u8]) -> Self {
        let mut lines = input.splitn(4, |byte| *byte == b'\n');
        let mut line = || String::from_utf8_lossy(lines.next().unwrap_or_default()).into_owned();
        let (first, retry_after, date) = (line(), line(), line());
        let (call, status) = first.split_once(' ').unwrap_or((&first, "200"));
        let status = status.trim().parse().ok().filter(|status| (200..=599).contains(status));
        let sendable = |text: &String| text.bytes().all(|byte| byte >= b' ' && byte != 0x7f);
        let headers = [("retry-after", retry_after), ("date", date)];
        Self {
            // What is asked for is no matter of the answer; it stays short.
            call: call.chars().take(100).collect(),
            status: status.unwrap_or(200),
            headers: headers.into_iter().filter(|(_, text)| sendable(text)).collect(),
            body: lines.next().unwrap_or_default().to_vec(),
            served: 0,
        }
    }

    /// The answer to a request for a path. An import reads one pool and the
    /// refresh after it a list, which then holds this pool.
    fn bytes(&mut self, path: &str) -> Vec<u8> {
        self.served += 1;
        let listed = self.call == "import" && path.ends_with("/pools");
        let body = if listed {
            [br#"{"kind":"PoolList","items":["#.as_slice(), &self.body, b"]}"].concat()
        } else {
            self.body.clone()
        };
        let mut head = format!("HTTP/1.1 {} X\r\n", self.status);
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        // These never have a body.
        if matches!(self.status, 204 | 304) {
            head.push_str("\r\n");
            return head.into_bytes();
        }
        head.push_str(&format!("content-length: {}\r\n\r\n", body.len()));
        [head.into_bytes(), body].concat()
    }
}

type Slot = Arc<Mutex<Scripted>>;

async fn serve(listener: TcpListener, slot: Slot) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(answer(stream, Arc::clone(&slot)));
    }
}

/// Answers request after request on one connection. It is reset in the end, so
/// that its port can be used again at once: a run has very many connections.
async fn answer(mut stream: TcpStream, slot: Slot) {
    stream.set_zero_linger().unwrap();
    let mut asked = Vec::new();
    loop {
        let end = loop {
            if let Some(at) = asked.windows(4).position(|window| window == b"\r\n\r\n") {
                break at + 4;
            }
            match stream.read_buf(&mut asked).await {
                Ok(1..) => {}
                _ => return,
            }
        };
        let head = String::from_utf8_lossy(&asked[..end]).to_ascii_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        let length: usize = length.map_or(0, |length| length.trim().parse().unwrap());
        while asked.len() < end + length {
            match stream.read_buf(&mut asked).await {
                Ok(1..) => {}
                _ => return,
            }
        }
        asked.drain(..end + length);
        let path = head.split([' ', '?']).nth(1).unwrap_or_default().to_owned();
        let bytes = slot.lock().unwrap().bytes(&path);
        if stream.write_all(&bytes).await.is_err() {
            return;
        }
    }
}

fn client(url: &str) -> Client {
    let endpoint = |name: &str| Endpoint::parse(url, name).unwrap();
    let endpoints = Endpoints {
        modelarts: endpoint("modelarts"),
        iam: endpoint("iam"),
        bss: endpoint("bss"),
        sts: endpoint("sts"),
        metadata: endpoint("metadata"),
    };
    let keys = CredentialSource::Keys(Keys {
        access_key: "TESTACCESSKEY0000001".to_owned(),
        secret_key: SECRET.to_owned().into(),
        security_token: None,
    });
    let project = ProjectRef::Id("6f5da086876d4cd084d36f8bd3346036".to_owned());
    let mut settings = Settings::new(project, keys, endpoints);
    settings.max_retries = 0;
    settings.backoff = Backoff { first: Duration::from_millis(1), cap: Duration::from_millis(1) };
    settings.request_timeout = Duration::from_secs(2);
    Client::new(settings).unwrap()
}

struct Always(Arc<Connection>);

#[async_trait]
impl Session for Always {
    async fn connect(&self, _cx: &Context) -> Result<Arc<Connection>, Diagnostics> {
        Ok(Arc::clone(&self.0))
    }

    fn default_workspace(&self) -> Tf<String> {
        Tf::Null
    }
}

fn failed(error: &Error) {
    let text = format!("{error} {error:?}");
    assert!(!text.contains(SECRET));
    assert!(text.len() < 20_000, "an error of {} bytes", text.len());
}

/// A state that the protocol can carry, and what Terraform makes of it: text in
/// normal form C, nothing else.
fn carried(resource: &dyn AnyResource, ended: &Outcome, keeper: &Keeper) -> (Value, Private) {
    let Kept { state, private, warnings } = keeper.take();
    let ty = resource.schema().ty();
    assert!(state.is_wholly_known());
    let bytes = msgpack::encode(&state, ty).expect("a state has the type of its schema");
    let carried = msgpack::decode(&bytes, ty).expect("what was encoded can be decoded");
    let text = json::encode(&state, ty).expect("a state is known");
    assert_eq!(json::from_json(&text, ty, json::Mode::Strict).as_ref(), Ok(&carried));
    let errors = ended.as_ref().err().cloned().unwrap_or_default();
    for diagnostic in warnings.iter().chain(errors.iter()) {
        assert!(diagnostic.detail.len() < 20_000);
    }
    (carried, private)
}

/// Imports a pool, refreshes it twice with the same answer: the second refresh
/// finds nothing new.
async fn taken_into_state(connection: &Arc<Connection>, id: &str) {
    let resource = typed(PoolResource::new(Arc::new(Always(Arc::clone(connection)))));
    let cx = Context::default();
    let keeper = Keeper::default();
    let imported = resource.import(&cx, Import::Id(id), &keeper).await;
    let (state, private) = carried(resource.as_ref(), &imported, &keeper);
    if state.is_null() {
        return;
    }
    let keeper = Keeper::new(state.clone(), private);
    let first = resource.read(&cx, &state, &keeper).await;
    let (state, private) = carried(resource.as_ref(), &first, &keeper);
    if state.is_null() || first.is_err() {
        return;
    }
    let keeper = Keeper::new(state.clone(), private);
    let second = resource.read(&cx, &state, &keeper).await;
    let (again, _) = carried(resource.as_ref(), &second, &keeper);
    if second.is_ok() {
        assert_eq!(again, state);
    }
}

async fn asked(call: &str, client: &Client) {
    let limit = Call::default();
    let pool = PoolId::new(POOL);
    // Another connection each time: one answer must not serve the next input.
    let connection = Arc::new(Connection::new(client.clone()));
    let outcome = match call {
        "list" => client.list_pools(&limit, &PoolFilter::in_workspace("0")).await.map(drop),
        "delete" => client.delete_pool(&limit, &pool).await.map(drop),
        "orders" => client.list_orders(&limit, &pool, None, None).await.map(drop),
        "order" => client.get_order(&limit, "order-1").await.map(drop),
        "nodes" => client.list_nodes(&limit, &pool).await.map(drop),
        "job" => client.get_job(&limit, &"job".into()).await.map(drop),
        "reboot" => client.reboot_nodes(&limit, &pool, &["node".to_owned()]).await.map(drop),
        "lock" => client.lock_nodes(&limit, &pool, &["node".to_owned()]).await.map(drop),
        "networks" => client.list_networks(&limit, None, None).await.map(drop),
        "network" => client.get_network(&limit, &"net".into()).await.map(drop),
        "flavors" => client.list_flavors(&limit, None).await.map(drop),
        "workspaces" => client.list_workspaces(&limit, None, None).await.map(drop),
        "create" => client.create_pool(&limit, &Default::default()).await.map(drop),
        "import" => {
            taken_into_state(&connection, POOL).await;
            Ok(())
        }
        other => {
            taken_into_state(&connection, other).await;
            Ok(())
        }
    };
    if let Err(error) = outcome {
        failed(&error);
    }
}

fn seeds() -> Vec<Vec<u8>> {
    let with = |head: &str, bodies: Vec<Vec<u8>>| {
        let each = move |body: &Vec<u8>| [head.as_bytes(), body].concat();
        bodies.iter().map(each).collect::<Vec<_>>()
    };
    let api = |part: &str| data("api", part);
    let mut seeds = with("import 200\n\n\n", api("show."));
    seeds.extend(with("name:pool-ae01 200\n\n\n", api("list.response")));
    seeds.extend(with("list 200\n\nTue, 02 Jan 2024 03:04:05 GMT\n", api("list.response")));
    seeds.extend(with("delete 200\n\n\n", api("delete.response")));
    seeds.extend(with("create 200\n\n\n", api("create.response")));
    seeds.extend(with("orders 200\n\n\n", api("orders-list")));
    seeds.extend(with("order 200\n\n\n", api("order-show")));
    seeds.extend(with("nodes 200\n\n\n", api("nodes-list")));
    let text = |body: &str| vec![body.as_bytes().to_vec()];
    let job = r#"{"jobId":"j","phase":"Failed","message":"no answer","involvedObjects":"node"}"#;
    seeds.extend(with("job 200\n\n\n", text(job)));
    seeds.extend(with("reboot 200\n\n\n", text(r#"{"nodeNames":["node"],"job_id":"j"}"#)));
    let lock = r#"{"nodes":[{"name":"node","status":"failed"},"other"]}"#;
    seeds.extend(with("lock 200\n\n\n", text(lock)));
    seeds.extend(with("network 200\n\n\n", api("network-show")));
    seeds.extend(with("flavors 200\n\n\n", api("resource-flavors")));
    seeds.extend(with("list 429\n1\nTue, 02 Jan 2024 03:04:05 GMT\n", api("gateway.429")));
    seeds.extend(with(
        "import 503\nTue, 02 Jan 2024 03:04:35 GMT\nTue, 02 Jan 2024 03:04:05 GMT\n",
        api("error."),
    ));
    seeds.extend(with(
        "list 401\n\nTue, 02 Jan 2024 03:04:05 GMT\n",
        vec![br#"{"error_code":"APIGW.0303","error_msg":"signature expired"}"#.to_vec()],
    ));
    seeds.extend(with("nodes 404\n18446744073709551615\n\n", api("gateway.404")));
    seeds
        .extend(with("create 502\n\n\n", vec![b"<html><body>502 secret=x</body></html>".to_vec()]));
    let networks = br#"{"kind":"NetworkList","items":[{"metadata":{"name":"n"}}],
        "metadata":{"continue":"abc"}}"#;
    seeds.extend(with("networks 200\n\n\n", vec![networks.to_vec()]));
    let workspaces = br#"{"total_count":1,"workspaces":[{"id":"0","name":"default"}]}"#;
    seeds.extend(with("workspaces 200\n\n\n", vec![workspaces.to_vec()]));
    seeds
}

#[test]
fn no_answer_breaks_the_client_or_makes_a_state_that_cannot_be_kept() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let slot = Slot::default();
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    runtime.spawn(serve(listener, Arc::clone(&slot)));
    fuzz("service", seeds(), |bytes| {
        let scripted = Scripted::read(bytes);
        let call = scripted.call.clone();
        *slot.lock().unwrap() = scripted;
        // A client of its own: a refused key is not sent again.
        runtime.block_on(asked(&call, &client(&url)));
        assert!(call != "import" || slot.lock().unwrap().served > 0, "nobody was asked");
    });
}
