//! A resource in a page: see `docs/contributing/a-resource-in-a-page.md`.

use terraform_provider_modelarts::tf::prelude::*;
use tokio::sync::Mutex;

/// A bucket.
#[derive(Clone, Model)]
struct Bucket {
    /// ID, given by the service.
    #[tf(computed, not_null)]
    id: Tf<String>,
    /// Name. Changing it creates a new bucket.
    #[tf(required, replaces)]
    name: Tf<String>,
    /// Size in GiB.
    #[tf(optional, computed, default = 10)]
    size: Tf<i64>,
    /// Password.
    #[tf(optional, write_only)]
    password: Tf<Secret>,
    /// Items.
    #[tf(optional, keyed_by = "key")]
    items: Tf<List<Item>>,
    /// How long operations may take.
    #[tf(block)]
    timeouts: Tf<Timeouts>,
}

/// An item.
#[derive(Clone, Model)]
struct Item {
    /// Key.
    #[tf(required)]
    key: Tf<String>,
    /// Value.
    #[tf(required)]
    value: Tf<String>,
}

struct Buckets(Mutex<std::collections::BTreeMap<String, Bucket>>);
impl Crud for Buckets {
    type Model = Bucket;
    const TYPE_NAME: &'static str = "example_bucket";
    async fn create(&self, cx: &Context, new: Bucket) -> Answer<Bucket> {
        let id = format!("{}-1", new.name.text().unwrap_or_default());
        self.update(cx, &id, Bucket { id: id.as_str().into(), ..new }).await
    }

    async fn read(&self, _: &Context, id: &str) -> Answer<Option<Bucket>> {
        Ok(self.0.lock().await.get(id).cloned())
    }

    async fn update(&self, _: &Context, id: &str, new: Bucket) -> Answer<Bucket> {
        self.0.lock().await.insert(id.to_owned(), new.clone());
        Ok(new)
    }

    async fn delete(&self, _: &Context, id: &str) -> Answer<()> {
        self.0.lock().await.remove(id);
        Ok(())
    }
}

#[tokio::test]
async fn a_bucket_keeps_terraforms_rules_all_its_life() {
    let item = Item { key: "a".into(), value: "1".into() };
    let small = Bucket { name: "b".into(), items: vec![item].into(), ..Bucket::default() };
    let large = Bucket { size: 20.into(), password: "s".into(), ..small.clone() };
    live(crud(Buckets(Mutex::default())), &[small, large]).await.unwrap();
}
