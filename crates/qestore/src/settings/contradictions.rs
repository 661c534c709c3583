//! Settings that are each allowed and do not go together.

use super::problem::{Mark, Problem};
use super::value::Value;
use super::{Origin, Setting, Settings};
use crate::Result;
use crate::object::Codec;

/// What contradicts each other among these, wherever the parts come from.
pub(super) fn within(settings: &Settings) -> Vec<Problem> {
    let mut problems = Vec::new();
    if let Err(problem) = codec(settings) {
        problems.push(*problem);
    }
    if let (Some(backend), Some(platform)) = (
        settings.text("storage.backend"),
        settings.text("storage.ci.platform"),
    ) && matches!(backend, "github-actions" | "gitlab-ci")
        && backend != platform
        && let Some(setting) = settings.get("storage.ci.platform")
    {
        problems.push(at(
            setting,
            format!("the backend is {backend}, the platform is another"),
        ));
    }
    problems
}

/// What is missing, once all layers are together.
pub(super) fn missing(settings: &Settings) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut need = |because: &Setting, why: &str, key: &'static str| {
        if settings.get(key).is_none() {
            problems.push(at(because, format!("{why} needs {key}, and it is not set")));
        }
    };
    let Some(backend) = settings.get("storage.backend") else {
        return problems;
    };
    match settings.text("storage.backend") {
        Some("s3") => need(backend, "the backend s3", "storage.s3.bucket"),
        Some("minio") => {
            need(backend, "the backend minio", "storage.s3.bucket");
            need(backend, "the backend minio", "storage.s3.endpoint_url");
        }
        // What another backend would need is no matter of this one.
        _ => return problems,
    }
    let (id, secret) = ("storage.s3.access_key", "storage.s3.secret_key");
    for (one, other) in [(id, secret), (secret, id)] {
        if let Some(setting) = settings.get(one) {
            need(setting, one, other);
        }
    }
    problems
}

/// How content is compressed, by `codec`, `compression_level` and `compression_enabled`.
pub(super) fn codec(settings: &Settings) -> std::result::Result<Codec, Box<Problem>> {
    let enabled = settings.get("compression_enabled");
    let named = settings.get("codec");
    let level = settings.get("compression_level");
    let name = settings.text("codec").unwrap_or("zstd");
    let on = enabled.is_none_or(|setting| setting.value == Value::Bool(true));
    let wrong = |setting: &Setting, message: String| Err(Box::new(at(setting, message)));
    if let Some(named) = named
        && enabled.is_some()
        && on != (name != "none")
    {
        return wrong(
            named,
            format!("codec is {name}, and compression_enabled is {on}; keep one of the two"),
        );
    }
    if !on || name == "none" {
        return Ok(Codec::None);
    }
    let (word, own_level) = match name.split_once(':') {
        Some((word, level)) => (word, Some(level)),
        None => (name, None),
    };
    let whole: Result<Codec> = match (level, own_level) {
        (Some(level), Some(own)) if level.value.to_string() != own => {
            return wrong(
                level,
                format!(
                    "codec says level {own}, and compression_level another; keep one of the two"
                ),
            );
        }
        (Some(level), None) => format!("{word}:{}", level.value).parse(),
        _ => name.parse(),
    };
    whole.or_else(|error| match level {
        Some(level) => wrong(level, error.message().to_owned()),
        // The codec alone was checked when it was read.
        None => Ok(Codec::default()),
    })
}

/// A problem where `setting` stands.
fn at(setting: &Setting, message: String) -> Problem {
    let problem = Problem::new(message);
    match &setting.origin {
        Origin::File { path, line, column } => {
            let mark = Mark {
                line: *line,
                column: *column,
            };
            problem.at(path, Some(mark)).key(setting.key.path)
        }
        Origin::Environment(name) => problem.variable(name).key(setting.key.path),
        Origin::Flag(name) => problem.key(name),
        Origin::Default => problem.key(setting.key.path),
    }
}
