//! What sort of thing an artifact is: one of ten known types, or a word of the user's own.

use std::borrow::Cow;
use std::fmt;
use std::path::Path;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{Error, Result};

/// The type of an artifact: a kebab-case word of at most 64 bytes.
///
/// ```
/// use qestore::ArtifactType;
/// assert_eq!(ArtifactType::TEST_RESULTS.as_str(), "test-results");
/// let own: ArtifactType = "load-profile".parse()?;
/// assert_ne!(own, ArtifactType::CUSTOM);
/// assert!("Load Profile".parse::<ArtifactType>().is_err());
/// # Ok::<(), qestore::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ArtifactType(Cow<'static, str>);

impl ArtifactType {
    /// Test execution results.
    pub const TEST_RESULTS: Self = Self::known("test-results");
    /// Code coverage reports.
    pub const COVERAGE_REPORT: Self = Self::known("coverage-report");
    /// Security scan results.
    pub const SECURITY_FINDINGS: Self = Self::known("security-findings");
    /// Benchmarks and load-test figures.
    pub const PERFORMANCE_METRICS: Self = Self::known("performance-metrics");
    /// Build and test logs.
    pub const BUILD_LOGS: Self = Self::known("build-logs");
    /// Findings of linters and analysers.
    pub const STATIC_ANALYSIS: Self = Self::known("static-analysis");
    /// Generated API documentation.
    pub const API_DOCS: Self = Self::known("api-docs");
    /// Screenshots of a user interface.
    pub const SCREENSHOTS: Self = Self::known("screenshots");
    /// Recordings of test runs.
    pub const VIDEOS: Self = Self::known("videos");
    /// Anything else.
    pub const CUSTOM: Self = Self::known("custom");

    /// The ten known types.
    pub const KNOWN: [Self; 10] = [
        Self::TEST_RESULTS,
        Self::COVERAGE_REPORT,
        Self::SECURITY_FINDINGS,
        Self::PERFORMANCE_METRICS,
        Self::BUILD_LOGS,
        Self::STATIC_ANALYSIS,
        Self::API_DOCS,
        Self::SCREENSHOTS,
        Self::VIDEOS,
        Self::CUSTOM,
    ];

    const fn known(word: &'static str) -> Self {
        Self(Cow::Borrowed(word))
    }

    /// The type as its kebab-case word.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The likely type of a file or folder, by the names that tools give their reports; `CUSTOM`
    /// when the name says nothing.
    ///
    /// ```
    /// use qestore::ArtifactType;
    /// assert_eq!(ArtifactType::guess("reports/junit.xml".as_ref()), ArtifactType::TEST_RESULTS);
    /// assert_eq!(ArtifactType::guess("htmlcov".as_ref()), ArtifactType::COVERAGE_REPORT);
    /// assert_eq!(ArtifactType::guess("notes.bin".as_ref()), ArtifactType::CUSTOM);
    /// ```
    #[must_use]
    pub fn guess(path: &Path) -> Self {
        let name = path.file_name().map(|n| n.to_string_lossy().to_lowercase());
        let name = name.as_deref().unwrap_or_default();
        let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
        let says = |words: &[&str]| words.iter().any(|word| name.contains(word));
        match extension {
            "log" => return Self::BUILD_LOGS,
            "png" | "jpg" | "jpeg" | "webp" | "gif" => return Self::SCREENSHOTS,
            "mp4" | "webm" | "mkv" | "mov" => return Self::VIDEOS,
            "trx" => return Self::TEST_RESULTS,
            "lcov" => return Self::COVERAGE_REPORT,
            _ => {}
        }
        if says(&[
            "coverage",
            "htmlcov",
            "lcov",
            "cobertura",
            "jacoco",
            "clover",
        ]) {
            Self::COVERAGE_REPORT
        } else if says(&[
            "bandit", "trivy", "gitleaks", "semgrep", "grype", "snyk", "codeql",
        ]) {
            Self::SECURITY_FINDINGS
        } else if says(&[
            "bench",
            "hyperfine",
            "criterion",
            "jmeter",
            "jmh",
            "k6",
            "perf",
        ]) {
            Self::PERFORMANCE_METRICS
        } else if says(&["ruff", "eslint", "clippy", "pylint", "lint"]) || extension == "sarif" {
            Self::STATIC_ANALYSIS
        } else if says(&[
            "junit",
            "test",
            "nunit",
            "xunit",
            "allure",
            "ctrf",
            "playwright",
        ]) {
            Self::TEST_RESULTS
        } else if says(&["apidoc", "api-doc", "rustdoc", "javadoc", "openapi"]) {
            Self::API_DOCS
        } else {
            Self::CUSTOM
        }
    }
}

impl fmt::Display for ArtifactType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl FromStr for ArtifactType {
    type Err = Error;

    fn from_str(word: &str) -> Result<Self> {
        if let Some(known) = Self::KNOWN.iter().find(|known| known.as_str() == word) {
            return Ok(known.clone());
        }
        let kebab = word.starts_with(|c: char| c.is_ascii_lowercase())
            && word
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            && !word.ends_with('-')
            && !word.contains("--");
        if !kebab || word.len() > 64 {
            let known = Self::KNOWN.each_ref().map(Self::as_str).join(", ");
            return Err(Error::invalid(
                "an artifact type is a kebab-case word of at most 64 bytes (a-z, 0-9, single hyphens)",
            )
            .concerning(format!("artifact type {word:?}"))
            .help(format!("known types: {known}; or a word of your own, such as load-profile")));
        }
        Ok(Self(Cow::Owned(word.to_owned())))
    }
}

impl Serialize for ArtifactType {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for ArtifactType {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = Cow::<str>::deserialize(deserializer)?;
        word.parse().map_err(serde::de::Error::custom)
    }
}
