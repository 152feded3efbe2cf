//! The data of a pod in both lists that its columns do not hold.

use crate::fleet::fields::Lists;
use crate::fleet::pod::CommonFields;
use crate::fleet::record_texts::RecordTexts;
use crate::fleet::store::chunk::Twin;
use crate::fleet::{Field, Pod};

/// The data of a pod in both lists that its columns do not hold; `None` for a pod in one list.
pub fn twin(pod: &Pod) -> Option<Twin> {
    let (node, serverless) = (&pod.node.as_ref()?.common, &pod.serverless.as_ref()?.common);
    let absent = [
        node.name.is_absent(),
        node.namespace.is_absent(),
        node.cluster.is_absent(),
        node.pod_ip.is_absent(),
        node.status.is_absent(),
        node.create_time.is_absent(),
        node.cpu.is_absent(),
        node.memory.is_absent(),
        node.cpu_limit.is_absent(),
        node.memory_limit.is_absent(),
    ];
    let answers = CommonFields {
        name: pod.name().clone(),
        namespace: pod.namespace().clone(),
        cluster: pod.cluster().clone(),
        pod_ip: pod.pod_ip().clone(),
        status: pod.status().clone(),
        create_time: pod.create_time().clone(),
        cpu: pod.cpu().clone(),
        memory: pod.memory().clone(),
        cpu_limit: pod.cpu_limit().clone(),
        memory_limit: pod.memory_limit().clone(),
        texts: RecordTexts::of(|field| pod.text(field).cloned().unwrap_or_default())
            .within(Lists::Serverless),
    };
    // A text that only one of the lists has is absent in the other anyway.
    let texts = node.texts.iter();
    let texts = texts.map(|(field, text)| text.is_absent() && field.sent().lists == Lists::Both);
    let bits = (0_u32..).zip(absent.into_iter().chain(texts));
    Some(Twin {
        silent: bits.fold(0, |bits, (at, absent)| bits | u32::from(absent) << at),
        differs: (answers != *serverless).then(|| Box::new(serverless.clone())),
    })
}

/// What a record of this list has of the fields of a pod in both.
pub(super) fn within(mut common: CommonFields, list: Lists) -> CommonFields {
    common.texts = common.texts.within(list);
    common
}

/// The bit of [`Twin::silent`] for the first of the other texts.
pub const FIRST_TEXT: u32 = 10;

/// Removes the fields that the node record lacks.
pub(super) fn silence(common: &mut CommonFields, silent: u32) {
    let is_silent = |at: u32| silent >> at & 1 == 1;
    macro_rules! take_out {
        ($($at:literal $field:ident)+) => {
            $(if is_silent($at) { common.$field = Field::Absent; })+
        };
    }
    take_out!(0 name 1 namespace 2 cluster 3 pod_ip 4 status 5 create_time 6 cpu 7 memory 8 cpu_limit 9 memory_limit);
    for (at, (_, text)) in (FIRST_TEXT..).zip(common.texts.iter_mut()) {
        if is_silent(at) {
            *text = Field::Absent;
        }
    }
}
