//! How content is compressed, as users write it: `zstd:3`, `gzip:6`, `none`.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Container;
use crate::{Error, Result};

/// How content is compressed.
///
/// ```
/// use qestore::Codec;
/// assert_eq!("zstd".parse::<Codec>()?, Codec::default());
/// assert_eq!("gzip:9".parse::<Codec>()?.to_string(), "gzip:9");
/// assert!("gzip:10".parse::<Codec>().is_err());
/// # Ok::<(), qestore::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Codec {
    /// Zstandard, level 1 to 19; made by [`Codec::zstd`].
    #[non_exhaustive]
    Zstd {
        /// 1 (fastest) to 19 (smallest).
        level: i32,
    },
    /// gzip, level 1 to 9, for readers that know nothing else; made by [`Codec::gzip`].
    #[non_exhaustive]
    Gzip {
        /// 1 (fastest) to 9 (smallest).
        level: u32,
    },
    /// No compression: raw blocks in the zstd container, so `zstd -d` still reads it.
    None,
}

impl Codec {
    /// The default level of zstd: 8 times the speed of gzip at its default, at slightly fewer bytes.
    pub const DEFAULT_ZSTD_LEVEL: i32 = 3;
    /// The default level of gzip.
    pub const DEFAULT_GZIP_LEVEL: u32 = 6;

    /// Zstandard at `level`.
    ///
    /// # Errors
    /// Kind *invalid-input* when the level is not 1 to 19.
    pub fn zstd(level: i32) -> Result<Self> {
        if (1..=19).contains(&level) {
            Ok(Self::Zstd { level })
        } else {
            Err(Error::invalid(format!(
                "zstd level {level} is not allowed: 1 to 19"
            )))
        }
    }

    /// gzip at `level`.
    ///
    /// # Errors
    /// Kind *invalid-input* when the level is not 1 to 9.
    pub fn gzip(level: u32) -> Result<Self> {
        if (1..=9).contains(&level) {
            Ok(Self::Gzip { level })
        } else {
            Err(Error::invalid(format!(
                "gzip level {level} is not allowed: 1 to 9"
            )))
        }
    }

    /// A codec as an object names it. The level only tells how it was written: one that this
    /// version would not write is no reason not to read it.
    pub(crate) fn from_stored(text: &str) -> Result<Self> {
        let level = |level: &str| level.parse::<u8>().ok();
        match text.split_once(':') {
            Some(("zstd", l)) if level(l).is_some() => Ok(Self::Zstd {
                level: level(l).map_or(0, i32::from),
            }),
            Some(("gzip", l)) if level(l).is_some() => Ok(Self::Gzip {
                level: level(l).map_or(0, u32::from),
            }),
            _ => text.parse(),
        }
    }

    pub(crate) fn container(self) -> Container {
        match self {
            Self::Gzip { .. } => Container::Gzip,
            Self::Zstd { .. } | Self::None => Container::Zstd,
        }
    }
}

impl Default for Codec {
    fn default() -> Self {
        Self::Zstd {
            level: Self::DEFAULT_ZSTD_LEVEL,
        }
    }
}

impl fmt::Display for Codec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Zstd { level } => write!(f, "zstd:{level}"),
            Self::Gzip { level } => write!(f, "gzip:{level}"),
            Self::None => f.write_str("none"),
        }
    }
}

impl FromStr for Codec {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let unknown = || {
            Error::invalid("a codec is zstd[:1-19], gzip[:1-9] or none")
                .concerning(format!("codec {text:?}"))
        };
        let (name, level) = match text.split_once(':') {
            Some((name, level)) => (name, Some(level.parse::<u8>().map_err(|_| unknown())?)),
            None => (text, None),
        };
        match (name, level) {
            ("zstd", level) => Self::zstd(level.map_or(Self::DEFAULT_ZSTD_LEVEL, i32::from)),
            ("gzip", level) => Self::gzip(level.map_or(Self::DEFAULT_GZIP_LEVEL, u32::from)),
            ("none", None) => Ok(Self::None),
            _ => Err(unknown()),
        }
    }
}

impl Serialize for Codec {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Codec {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        Self::from_stored(&text).map_err(serde::de::Error::custom)
    }
}
