//! The endpoints of HSS and IAM in each region.
//!
//! Owns the table of regions, taken from the official SDK, and its overrides in the SDK's order: the variable
//! `HUAWEICLOUD_SDK_REGION_HSS_<REGION>` with one or more endpoints, then the file
//! `~/.huaweicloud/regions.yaml` (`HUAWEICLOUD_SDK_REGIONS_FILE`), then the table. One entry differs from the
//! SDK's: `eu-west-101` is a cloud of its own, for which the SDK has no IAM and would ask that of another
//! cloud; the table has the right one, which Terraform uses too.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use saphyr::{LoadableYamlNode as _, ScanError, Yaml};
use serde::Deserialize;

use crate::env::Variables;
use crate::files::{self, FileFault};

/// A region of the table.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Region {
    /// Its id, such as `cn-north-4`.
    pub id: String,
    /// The endpoint of HSS.
    pub hss: String,
    /// The endpoint of IAM.
    pub iam: String,
}

/// The endpoint of IAM for regions that are not in the table.
pub const DEFAULT_IAM: &str = "https://iam.myhuaweicloud.com";

static TABLE: LazyLock<Vec<Region>> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../assets/regions.json")).unwrap_or_default());

/// All regions of the table, in alphabetical order.
pub fn all() -> &'static [Region] {
    &TABLE
}

/// The region with this id.
///
/// # Errors
/// The nearest names.
pub fn find(id: &str) -> Result<&'static Region, UnknownRegion> {
    TABLE.iter().find(|region| region.id == id).ok_or_else(|| {
        let small = id.to_ascii_lowercase();
        let mut near: Vec<(usize, &str)> = TABLE
            .iter()
            .map(|region| {
                (
                    strsim::damerau_levenshtein(&small, &region.id),
                    region.id.as_str(),
                )
            })
            .collect();
        near.sort_unstable();
        // A hint that makes no sense is worse than none.
        let is_near = |(slips, known): &(usize, &str)| *slips <= known.len().div_ceil(3);
        let nearest = near
            .into_iter()
            .filter(is_near)
            .take(3)
            .map(|(_, id)| id)
            .collect();
        UnknownRegion {
            id: id.to_owned(),
            nearest,
        }
    })
}

/// A region that is not in the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownRegion {
    id: String,
    nearest: Vec<&'static str>,
}

/// The name of a region as it may be shown: in full if it could be one. A value set in its place may be a
/// secret.
pub fn shown(id: &str) -> String {
    const LONGEST: usize = 24;
    let could_be = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    // No word of a region has digits before letters, or both cases, as keys and tokens do.
    let is_of_one_case = id.to_ascii_lowercase() == id || id.to_ascii_uppercase() == id;
    if id.len() <= LONGEST && id.bytes().all(could_be) && is_of_one_case && id.contains('-') {
        id.to_owned()
    } else {
        crate::secrets::values::shortened(id)
    }
}

impl fmt::Display for UnknownRegion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id = crate::fleet::RemoteText::name(&shown(&self.id));
        write!(f, "there is no region {id}; ")?;
        match self.nearest.as_slice() {
            [] => f.write_str("regions have names such as cn-north-4 or ap-southeast-1"),
            nearest => write!(f, "the nearest names are {}", nearest.join(", ")),
        }
    }
}

/// Endpoints of HSS and their origin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Located {
    /// One or more endpoints with a scheme, to be tried in this order.
    pub endpoints: Vec<String>,
    /// The origin, for people.
    pub origin: String,
}

/// Why the endpoints of HSS in a region are unknown, as a sentence.
#[derive(Debug)]
pub enum RegionFault {
    /// The region is unknown.
    Unknown(UnknownRegion),
    /// The file with overrides, shown as this path, cannot be used.
    File(String, RegionFileFault),
}

/// What is wrong with the file with overrides.
#[derive(Debug)]
pub enum RegionFileFault {
    /// It cannot be read.
    Unread(FileFault),
    /// It is not YAML.
    Yaml(ScanError),
    /// Its entry for this region has no endpoint.
    NoEndpoint(String),
}

impl fmt::Display for RegionFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown(region) => region.fmt(f),
            Self::File(name, fault) => write!(f, "{name}: {fault}"),
        }
    }
}

impl fmt::Display for RegionFileFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unread(fault) => fault.fmt(f),
            Self::Yaml(error) => error.fmt(f),
            Self::NoEndpoint(region) => write!(f, "the entry of {region} has no endpoint"),
        }
    }
}

impl std::error::Error for RegionFault {}
impl std::error::Error for RegionFileFault {}

/// Finds the endpoints of HSS in `region`.
pub fn locate(region: &str, variables: Variables<'_>) -> Result<Located, RegionFault> {
    let variable = format!(
        "HUAWEICLOUD_SDK_REGION_HSS_{}",
        region.to_uppercase().replace('-', "_")
    );
    let set = |name: &str| variables(name).filter(|value| !value.trim().is_empty());
    if let Some(list) = set(&variable) {
        return Ok(located(list.split(','), variable));
    }
    if let Some(path) = overrides_file(&set) {
        let name = crate::secrets::values::path(&path.display().to_string());
        let text = files::read_text(&path).map_err(RegionFileFault::Unread);
        let endpoints = text.and_then(|(text, _)| overrides(&text, region));
        let endpoints = endpoints.map_err(|fault| RegionFault::File(name, fault))?;
        if !endpoints.is_empty() {
            return Ok(located(
                endpoints.iter().map(String::as_str),
                path.display().to_string(),
            ));
        }
    }
    let region = find(region).map_err(RegionFault::Unknown)?;
    Ok(located([region.hss.as_str()], format!("region {}", region.id)))
}

/// The endpoint of IAM for `region`.
pub fn iam(region: &str) -> &'static str {
    find(region).map_or(DEFAULT_IAM, |region| region.iam.as_str())
}

/// The regions with an STS of their own, according to the official SDK.
const STS_REGIONS: [&str; 12] = [
    "af-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "cn-east-3",
    "cn-north-4",
    "cn-south-1",
    "cn-southwest-2",
    "la-south-2",
    "sa-brazil-1",
    "tr-west-1",
];
/// The STS that the official SDK asks by default.
const DEFAULT_STS: &str = "https://sts.cn-north-4.myhuaweicloud.com";

/// The endpoint of STS for `region`: its own, or else the default one of its cloud. `None` for the other cloud,
/// whose STS is unknown.
pub fn sts(region: Option<&str>) -> Option<String> {
    match region {
        Some(region) if STS_REGIONS.contains(&region) => {
            Some(format!("https://sts.{region}.myhuaweicloud.com"))
        }
        Some(region) if find(region).is_ok_and(|found| !found.hss.ends_with(".myhuaweicloud.com")) => None,
        _ => Some(DEFAULT_STS.to_owned()),
    }
}

fn located<'a>(endpoints: impl IntoIterator<Item = &'a str>, origin: String) -> Located {
    let endpoints = endpoints
        .into_iter()
        .map(str::trim)
        .filter(|endpoint| !endpoint.is_empty());
    Located {
        endpoints: endpoints.map(with_scheme).collect(),
        origin,
    }
}

/// Adds `https://` to an endpoint without a scheme, like the SDK.
pub fn with_scheme(endpoint: &str) -> String {
    if endpoint.contains("://") {
        endpoint.to_owned()
    } else {
        format!("https://{endpoint}")
    }
}

/// The file with overrides, if any. A file that a variable names must exist.
fn overrides_file(set: &dyn Fn(&str) -> Option<String>) -> Option<PathBuf> {
    if let Some(named) = set("HUAWEICLOUD_SDK_REGIONS_FILE") {
        return Some(named.into());
    }
    let path = Path::new(&set("HOME")?).join(".huaweicloud/regions.yaml");
    path.exists().then_some(path)
}

/// The endpoints of a region in the file, found like in the official SDK: in the list of the service, whose
/// name may have any letter case, the last entry of this id that has an endpoint; its `endpoints` first, then
/// its `endpoint`. A key that stands twice in one mapping is refused with its place, where the SDK takes the last: which of two
/// sections of a service was meant cannot be known.
fn overrides(text: &str, region: &str) -> Result<Vec<String>, RegionFileFault> {
    let text = text.trim_start_matches('\u{feff}');
    let documents = Yaml::load_from_str(text).map_err(RegionFileFault::Yaml)?;
    let services = documents.first().and_then(Yaml::as_mapping);
    let lists = services.into_iter().flatten().filter(|(name, _)| {
        let name = name.as_str();
        name.is_some_and(|name| name.eq_ignore_ascii_case("HSS"))
    });
    let entries = lists
        .filter_map(|(_, list)| list.as_vec())
        .flatten()
        .filter(|entry| value(entry, "id", MOST_MERGES).and_then(Yaml::as_str) == Some(region));
    let named: Vec<Vec<String>> = entries.map(endpoints).collect();
    if named.is_empty() {
        return Ok(Vec::new());
    }
    let last = named.into_iter().rev().find(|endpoints| !endpoints.is_empty());
    last.ok_or_else(|| RegionFileFault::NoEndpoint(region.to_owned()))
}

fn endpoints(entry: &Yaml<'_>) -> Vec<String> {
    let texts = |name: &str| {
        let value = value(entry, name, MOST_MERGES);
        let one = value.and_then(Yaml::as_str);
        let many = value.and_then(Yaml::as_vec);
        let many = many.into_iter().flatten().filter_map(Yaml::as_str);
        one.into_iter().chain(many).map(str::to_owned).collect::<Vec<_>>()
    };
    [texts("endpoints"), texts("endpoint")].concat()
}

/// How deep merged mappings are followed.
const MOST_MERGES: usize = 8;

/// A value of a mapping, or of a mapping that is merged into it (`<<: *other`, or a list of which the first
/// match counts).
fn value<'a>(mapping: &'a Yaml<'a>, name: &str, depth: usize) -> Option<&'a Yaml<'a>> {
    if let Some(value) = mapping.as_mapping_get(name) {
        return Some(value);
    }
    let depth = depth.checked_sub(1)?;
    let merged = mapping.as_mapping_get("<<")?;
    match merged.as_vec() {
        Some(list) => list.iter().find_map(|other| value(other, name, depth)),
        None => value(merged, name, depth),
    }
}

#[cfg(test)]
mod tests;
