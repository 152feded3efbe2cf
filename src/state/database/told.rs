//! Why a file cannot be used, in a sentence, from the errors of SQLite and of the system.

use std::fmt;

use rusqlite::ErrorCode;

use super::{FileRefusal, Unusable};

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.why)
    }
}

impl From<rusqlite::Error> for Unusable {
    fn from(error: rusqlite::Error) -> Self {
        let code = error.sqlite_error_code();
        let why = match code {
            Some(ErrorCode::DiskFull) => "the disk is full".to_owned(),
            Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
                "the file cannot be written".to_owned()
            }
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                "another dashboard has locked the file".to_owned()
            }
            _ => error.to_string(),
        };
        Self {
            why,
            code,
            aside: None,
        }
    }
}

impl From<std::io::Error> for Unusable {
    fn from(error: std::io::Error) -> Self {
        let why = match error.kind() {
            std::io::ErrorKind::ResourceBusy => "another dashboard has locked the file".to_owned(),
            std::io::ErrorKind::StorageFull => "the disk is full".to_owned(),
            std::io::ErrorKind::NotFound
            | std::io::ErrorKind::NotADirectory
            | std::io::ErrorKind::PermissionDenied
            | std::io::ErrorKind::ReadOnlyFilesystem => "the file cannot be written".to_owned(),
            _ => error.to_string(),
        };
        let code = (error.kind() == std::io::ErrorKind::ResourceBusy).then_some(ErrorCode::DatabaseBusy);
        Self {
            why,
            code,
            aside: None,
        }
    }
}

impl From<FileRefusal> for Unusable {
    fn from(refusal: FileRefusal) -> Self {
        match refusal {
            FileRefusal::Unfit(why) => Self {
                why,
                code: None,
                aside: None,
            },
            FileRefusal::Failed(error) => error.into(),
        }
    }
}
