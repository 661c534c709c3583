//! The media type of stored content: by its first bytes, then by the ending of its name.

/// How many leading bytes are enough to recognise content.
pub(crate) const SNIFF_BYTES: usize = 8192;

/// The media type of a file called `name` that starts with `head`.
///
/// Magic numbers win over the name, except for text, which has none that can be trusted.
pub(crate) fn guess_media_type(name: &str, head: &[u8]) -> &'static str {
    let head = &head[..head.len().min(SNIFF_BYTES)];
    let by_name = by_extension(name);
    let sniffed = infer::get(head)
        .filter(|kind| !matches!(kind.matcher_type(), infer::MatcherType::Text))
        .map(|kind| kind.mime_type());
    match (sniffed, by_name) {
        // Containers of many formats are zip archives; the name knows which.
        (Some("application/zip"), Some(by_name)) => by_name,
        (Some(sniffed), _) => sniffed,
        (None, Some(by_name)) => by_name,
        (None, None) if looks_like_text(head) => match head.trim_ascii_start().first() {
            Some(b'{' | b'[') => "application/json",
            Some(b'<') => "application/xml",
            _ => "text/plain",
        },
        (None, None) => "application/octet-stream",
    }
}

fn by_extension(name: &str) -> Option<&'static str> {
    let (_, extension) = name.rsplit_once('.')?;
    Some(match extension.to_ascii_lowercase().as_str() {
        "xml" | "trx" => "application/xml",
        "json" => "application/json",
        "jsonl" | "ndjson" => "application/x-ndjson",
        "sarif" => "application/sarif+json",
        "html" | "htm" => "text/html",
        "txt" | "log" | "info" | "tap" | "out" => "text/plain",
        "md" => "text/markdown",
        "csv" => "text/csv",
        "css" => "text/css",
        "js" | "mjs" => "text/javascript",
        "yml" | "yaml" => "application/yaml",
        "toml" => "application/toml",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "mp4" => "video/mp4",
        "webm" => "video/webm",
        "pdf" => "application/pdf",
        "zip" => "application/zip",
        "har" => "application/json",
        "tar" => "application/x-tar",
        "gz" | "tgz" => "application/gzip",
        "zst" => "application/zstd",
        "wasm" => "application/wasm",
        "jar" => "application/java-archive",
        _ => return None,
    })
}

fn looks_like_text(head: &[u8]) -> bool {
    if head.is_empty() || head.contains(&0) {
        return false;
    }
    match std::str::from_utf8(head) {
        Ok(_) => true,
        // A character cut in two by the end of the sample is still text.
        Err(error) => error.error_len().is_none() && error.valid_up_to() > 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_win_over_names_where_bytes_can_tell() {
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
        assert_eq!(guess_media_type("shot.txt", png), "image/png");
        assert_eq!(
            guess_media_type("junit.xml", b"<?xml version=\"1.0\"?><a/>"),
            "application/xml"
        );
        assert_eq!(guess_media_type("r.sarif", b"{}"), "application/sarif+json");
        assert_eq!(guess_media_type("x", b"{\"a\":1}"), "application/json");
        assert_eq!(guess_media_type("x", b"plain words"), "text/plain");
        assert_eq!(
            guess_media_type("x", b"\x00\x01\x02"),
            "application/octet-stream"
        );
        assert_eq!(guess_media_type("x", b""), "application/octet-stream");
        assert_eq!(guess_media_type("page.html", b"<html>"), "text/html");
    }
}
