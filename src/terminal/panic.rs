//! A panic in any thread or task ends the program: a dashboard of which a part is dead tells lies.

use std::panic::PanicHookInfo;

use super::end;
use crate::fleet::RemoteText;

/// Installs the hook: screen back, one line, exit code 101. `report` gives what else is to be said, if it is wanted.
pub fn install_hook(report: impl Fn(&PanicHookInfo<'_>) -> Option<String> + Send + Sync + 'static) {
    std::panic::set_hook(Box::new(move |info| {
        let mut line = format!("crashed: {}", one_line(info));
        if let Some(report) = report(info) {
            line.push('\n');
            line.push_str(&report);
        }
        end::now(super::CRASH, &line);
    }));
}

fn one_line(info: &PanicHookInfo<'_>) -> String {
    let payload = info.payload();
    let message = payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message");
    let message = RemoteText::message(message);
    info.location().map_or_else(
        || message.shown().to_owned(),
        |at| format!("{} ({}:{})", message.shown(), at.file(), at.line()),
    )
}
