//! A panic in any thread or task ends the program: a dashboard with a dead part would show wrong data.

use std::panic::PanicHookInfo;

use super::bounded::write_in_time;
use super::end;
use crate::exit_codes::PluginState;
use crate::fleet::RemoteText;

/// Installs the hook: it restores the screen, prints one line and exits with code 101. `report` returns an
/// additional report, if one is wanted.
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

/// Installs the hook for a plug-in of a monitoring system, whose caller reads one line of stdout and only
/// knows the exit codes of its interface. `told` makes the line.
pub fn install_plugin_hook(told: fn(&str) -> String) {
    std::panic::set_hook(Box::new(move |info| {
        let line = format!("crashed: {}", one_line(info));
        write_in_time(rustix::stdio::stdout(), told(&line).as_bytes());
        end::now(PluginState::Unknown.code().into(), &line);
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
