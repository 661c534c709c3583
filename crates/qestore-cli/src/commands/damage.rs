//! Damaged artifacts, as several commands tell of them.

use qestore::Damage;

use crate::failure::Failure;
use crate::output::shapes::Damaged;
use crate::output::{ErrorJson, Output, escaped};

pub(crate) fn as_shape(damage: &Damage) -> Damaged<'_> {
    Damaged {
        key: &damage.key,
        artifact: damage.artifact.as_ref(),
        error: ErrorJson::of(&damage.error, damage.error.kind().as_str()),
    }
}

pub(crate) fn tell_damage(damaged: &[Damage], output: &Output) -> Result<(), Failure> {
    for damage in damaged {
        let what = match &damage.artifact {
            Some(artifact) => artifact.to_string(),
            None => damage.key.clone(),
        };
        output.line(&format!(
            "damaged: {}: {}",
            escaped(&what),
            escaped(damage.error.message())
        ))?;
        output.line(&format!("  object: {}", escaped(&damage.key)))?;
    }
    Ok(())
}
