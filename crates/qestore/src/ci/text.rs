//! Texts from the environment, made fit for branch names, keys and tags.

const JOB_ID_BYTES: usize = 255;
const TAG_VALUE_BYTES: usize = 1024;

/// The branch a ref names: `refs/heads/main` is `main`. A ref of another kind (a tag, the merge of
/// a pull request) is no branch.
pub(super) fn branch_name(reference: &str) -> Option<String> {
    let name = reference.strip_prefix("refs/heads/").unwrap_or(reference);
    (!name.is_empty() && !name.starts_with("refs/")).then(|| name.to_owned())
}

/// The key as a job id: without control characters and at most 255 bytes long. A key that had to
/// be changed ends with a hash of its original, so that two different keys stay different.
pub(super) fn job_id(key: &str) -> String {
    let clean = replace_control_characters(key, '_');
    if clean == key && clean.len() <= JOB_ID_BYTES {
        return clean;
    }
    let suffix = format!("-{:016x}", fnv1a(key.as_bytes()));
    let kept = prefix_within(&clean, JOB_ID_BYTES - suffix.len());
    format!("{kept}{suffix}")
}

/// The text as a tag value: without control characters and at most 1,024 bytes long.
pub(super) fn tag_value(text: &str) -> String {
    prefix_within(&replace_control_characters(text, ' '), TAG_VALUE_BYTES).to_owned()
}

fn replace_control_characters(text: &str, substitute: char) -> String {
    text.chars()
        .map(|c| if c.is_control() { substitute } else { c })
        .collect()
}

fn prefix_within(text: &str, bytes: usize) -> &str {
    let mut end = bytes.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// 64-bit FNV-1a: short and the same on every machine, which is all that is asked of it here.
pub(super) fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}
