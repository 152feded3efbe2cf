//! Short constructors of pods for tests: `node("web-0").status("Failed").build()`.

use proptest::prelude::*;
use proptest::sample::select;

use super::create_time::CreateTime;
use super::field::Field;
use super::fields::{Lists, TextField};
use super::pod::{CommonFields, NodeRecord, Pod, ServerlessRecord};
use super::quantity::{Measure, Quantity};
use super::record_texts::RecordTexts;
use super::text::RemoteText;
use super::words::{Detection, Protection, Status};

/// A builder of a pod.
#[derive(Debug, Clone)]
pub struct PodFixture {
    common: CommonFields,
    id: Field<RemoteText>,
    serverless: Option<(Field<Protection>, Field<Detection>)>,
}

/// A running pod on a node, whose id is its name.
pub fn node(name: &str) -> PodFixture {
    let text = |text: &str| Field::Value(RemoteText::name(text));
    let mut texts = RecordTexts::default();
    texts.set(TextField::Node, text("192.168.0.50"));
    PodFixture {
        common: CommonFields {
            name: text(name),
            namespace: text("default"),
            cluster: text("prod-a"),
            status: Status::Running.into(),
            texts,
            ..CommonFields::default()
        },
        id: text(name),
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

    /// Sets usage and limits of CPU and memory; an empty text is an absent field.
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
        self.common.create_time = Field::Value(ms.into());
        self
    }

    /// Sets the protection and detection words of a serverless pod.
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
        }
    }

    /// The record of `pod_info_list`.
    pub fn serverless_record(self) -> ServerlessRecord {
        let (protection, detection) = self.serverless.unwrap_or_default();
        let texts = self.common.texts.within(Lists::Serverless);
        ServerlessRecord {
            common: CommonFields { texts, ..self.common },
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

/// Generates any pod, including odd ones: in one list or in both.
pub fn pods() -> impl Strategy<Value = Pod> {
    (node_records(), serverless_records(), 0..4).prop_map(|(node, serverless, kind)| match kind {
        0 => Pod::serverless(serverless),
        1 => {
            let common = CommonFields {
                name: node.common.name.clone(),
                namespace: node.common.namespace.clone(),
                cluster: node.common.cluster.clone(),
                ..serverless.common
            };
            Pod {
                serverless: Some(ServerlessRecord { common, ..serverless }),
                ..Pod::on_node(node)
            }
        }
        _ => Pod::on_node(node),
    })
}

/// Generates any record of `data_list`.
pub fn node_records() -> impl Strategy<Value = NodeRecord> {
    let id = text_of("[a-c]|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\\PC{1,9}");
    (common(Lists::Node), id).prop_map(|(common, id)| NodeRecord { common, id })
}

/// Generates any texts of a record of this list.
fn texts(list: Lists) -> impl Strategy<Value = RecordTexts> {
    let all = RecordTexts::default();
    let fields: Vec<TextField> = all.iter().map(|(field, _)| field).collect();
    let any = |field: &TextField| match field {
        TextField::ClusterType => text_of("cce|k8s|\\PC").boxed(),
        _ => text_of("[a-c]{1,2}|10\\.0\\.0\\.[0-9]").boxed(),
    };
    let each: Vec<BoxedStrategy<Field<RemoteText>>> = fields.iter().map(any).collect();
    each.prop_map(move |each| {
        let mut texts = RecordTexts::default();
        for (field, text) in fields.iter().zip(each) {
            texts.set(*field, text);
        }
        texts.within(list)
    })
}

/// Generates any record of `pod_info_list`.
pub fn serverless_records() -> impl Strategy<Value = ServerlessRecord> {
    let protection =
        field(select(vec!["closed", "opened", "protection_exception", "half"]).prop_map(Protection::read));
    let detection = field(
        select(vec![
            "undetected",
            "clean",
            "risk",
            "scanning",
            "risk-scanning",
            "ma\u{200b}ybe",
        ])
        .prop_map(Detection::read),
    );
    (common(Lists::Serverless), protection, detection).prop_map(|(common, protection, detection)| {
        ServerlessRecord {
            common,
            protection,
            detection,
        }
    })
}

fn field<T: Clone + std::fmt::Debug>(values: impl Strategy<Value = T>) -> impl Strategy<Value = Field<T>> {
    prop_oneof![1 => Just(Field::Absent), 1 => Just(Field::Unreadable), 6 => values.prop_map(Field::Value)]
}

fn text_of(pattern: &'static str) -> impl Strategy<Value = Field<RemoteText>> {
    field(pattern.prop_map(|text: String| RemoteText::name(&text)))
}

fn quantity(measure: Measure) -> impl Strategy<Value = Field<Quantity>> {
    let texts = prop_oneof![
        "[1-9]?[0-9]{0,2}m",
        "[0-9]{1,3}Mi",
        "[0-9]\\.[0-9]{1,2}(Gi)?",
        "0|1|1e3|12%|007|\\.5|18446744073709551615|99999999999999999E",
    ];
    field(texts.prop_map(move |text| Quantity::read(&text, measure)))
}

fn common(list: Lists) -> impl Strategy<Value = CommonFields> {
    let names = (
        text_of("[a-c]{1,2}|web-[0-9]|[A-C]b|é\\PC{0,3}|a\n"),
        text_of("[ab]|Pay"),
        text_of("[ab]|prod"),
        text_of("10\\.0\\.0\\.[0-9]{1,2}|0\\.0\\.0\\.[0-3]|010\\.0\\.0\\.1|fe80::[0-9]|x"),
    );
    let status = field(
        select(vec![
            "Pending",
            "Running",
            "Succeeded",
            "Failed",
            "Unknown",
            "Evicted",
            "running",
        ])
        .prop_map(Status::read),
    );
    let created = field(prop_oneof![
        4 => prop_oneof![
            Just(1_753_000_000_000_i64),
            1_752_999_000_000_i64..1_753_010_000_000,
            any::<i64>(),
            select(vec![0, -1, i64::MIN, i64::MAX, 1 << 62, 4_102_444_800_000]),
        ]
        .prop_map(CreateTime::Milliseconds),
        1 => "2025-07-2[1-3]|soon|1\\.5|a\u{1b}é".prop_map(|text| CreateTime::read(&text).safe()),
    ]);
    let quantities = (
        quantity(Measure::Cpu),
        quantity(Measure::Memory),
        quantity(Measure::Cpu),
        quantity(Measure::Memory),
    );
    (names, status, created, quantities, texts(list)).prop_map(
        |(
            (name, namespace, cluster, pod_ip),
            status,
            create_time,
            (cpu, memory, cpu_limit, memory_limit),
            texts,
        )| CommonFields {
            name,
            namespace,
            cluster,
            pod_ip,
            status,
            create_time,
            cpu,
            memory,
            cpu_limit,
            memory_limit,
            texts,
        },
    )
}
