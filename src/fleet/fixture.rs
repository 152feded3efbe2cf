//! Pods for tests, in a few words: `node("web-0").status("Failed").build()`.

use super::field::Field;
use super::pod::{CommonFields, NodeRecord, Pod, ServerlessRecord};
use super::quantity::{Measure, Quantity};
use super::text::RemoteText;
use super::words::{Detection, Protection, Status};

/// A pod being made.
#[derive(Debug, Clone)]
pub struct PodFixture {
    common: CommonFields,
    id: Field<RemoteText>,
    node: Field<RemoteText>,
    serverless: Option<(Field<Protection>, Field<Detection>)>,
}

/// A running pod on a node, whose id is its name.
pub fn node(name: &str) -> PodFixture {
    let text = |text: &str| Field::Value(RemoteText::name(text));
    PodFixture {
        common: CommonFields {
            name: text(name),
            namespace: text("default"),
            cluster: text("prod-a"),
            status: Status::Running.into(),
            ..CommonFields::default()
        },
        id: text(name),
        node: text("192.168.0.50"),
        serverless: None,
    }
}

/// A running serverless pod, protected and clean.
pub fn serverless(name: &str) -> PodFixture {
    let security = (Protection::Opened.into(), Detection::Clean.into());
    PodFixture {
        serverless: Some(security),
        ..node(name)
    }
}

impl PodFixture {
    /// Sets cluster and namespace.
    #[must_use]
    pub fn within(mut self, cluster: &str, namespace: &str) -> Self {
        self.common.cluster = RemoteText::name(cluster).into();
        self.common.namespace = RemoteText::name(namespace).into();
        self
    }

    /// Sets the status word.
    #[must_use]
    pub fn status(mut self, word: &str) -> Self {
        self.common.status = Status::read(word).into();
        self
    }

    /// Sets the record's id.
    #[must_use]
    pub fn id(mut self, id: &str) -> Self {
        self.id = RemoteText::name(id).into();
        self
    }

    /// Sets CPU and memory, used and allowed; an empty text is an absent field.
    #[must_use]
    pub fn usage(mut self, cpu: &str, cpu_limit: &str, memory: &str, memory_limit: &str) -> Self {
        let field = |text: &str, measure| {
            if text.is_empty() {
                Field::Absent
            } else {
                Quantity::read(text, measure).into()
            }
        };
        self.common.cpu = field(cpu, Measure::Cpu);
        self.common.cpu_limit = field(cpu_limit, Measure::Cpu);
        self.common.memory = field(memory, Measure::Memory);
        self.common.memory_limit = field(memory_limit, Measure::Memory);
        self
    }

    /// Sets the creation time, in milliseconds.
    #[must_use]
    pub fn created_ms(mut self, ms: i64) -> Self {
        self.common.create_time = ms.into();
        self
    }

    /// Sets the words of a serverless pod.
    #[must_use]
    pub fn security(mut self, protection: &str, detection: &str) -> Self {
        self.serverless = Some((
            Protection::read(protection).into(),
            Detection::read(detection).into(),
        ));
        self
    }

    /// The record of `data_list`.
    pub fn node_record(self) -> NodeRecord {
        NodeRecord {
            common: self.common,
            id: self.id,
            node: self.node,
            ..NodeRecord::default()
        }
    }

    /// The record of `pod_info_list`.
    pub fn serverless_record(self) -> ServerlessRecord {
        let (protection, detection) = self.serverless.unwrap_or_default();
        ServerlessRecord {
            common: self.common,
            protection,
            detection,
        }
    }

    /// The pod.
    pub fn build(self) -> Pod {
        if self.serverless.is_some() {
            Pod::serverless(self.serverless_record())
        } else {
            Pod::on_node(self.node_record())
        }
    }
}
