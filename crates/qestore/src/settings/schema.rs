//! The JSON Schema of the file, for editors; published as docs/qestore.schema.json.

use serde_json::{Map, Value as Json, json};

use super::Settings;
use super::keys::{self, Key};

/// Where the schema is published.
const ID: &str = "https://raw.githubusercontent.com/qestore/qestore/main/docs/qestore.schema.json";

impl Settings {
    /// Where [`Settings::json_schema`] is published.
    pub const SCHEMA_URL: &str = ID;

    /// The JSON Schema (draft 2020-12) of configuration files.
    #[must_use]
    pub fn json_schema() -> Json {
        let mut schema = section("");
        schema["$schema"] = "https://json-schema.org/draft/2020-12/schema".into();
        schema["$id"] = ID.into();
        schema["title"] = "The configuration of qestore".into();
        for name in keys::SHORT_PLACES {
            let long = keys::canonical(name).replace('.', "/properties/");
            schema["properties"][name] = json!({
                "$ref": format!("#/properties/{long}"),
                "description": format!("As {}: where the original library's model has it.", keys::canonical(name)),
            });
        }
        schema
    }
}

/// The schema of a section and all that is in it.
fn section(path: &str) -> Json {
    let mut properties = Map::new();
    for name in keys::names_in(path) {
        let below = match path {
            "" => name.to_owned(),
            path => format!("{path}.{name}"),
        };
        let schema = match keys::find(&below) {
            Some(key) => value(key),
            None => section(&below),
        };
        properties.insert(name.to_owned(), schema);
    }
    let sort = if path.is_empty() {
        json!("object")
    } else {
        json!(["object", "null"])
    };
    json!({ "type": sort, "properties": properties, "additionalProperties": false })
}

fn value(key: &Key) -> Json {
    let mut schema = key.kind.schema();
    let variable = key
        .variable
        .map(|name| format!(" The variable {name} wins over it."));
    schema["description"] = format!(
        "{} Allowed: {}.{}",
        key.doc,
        key.kind.allowed(),
        variable.unwrap_or_default()
    )
    .into();
    if let Some(default) = key.default_value() {
        // No value of the table is one that JSON cannot have.
        schema["default"] = serde_json::to_value(default).unwrap_or_default();
    }
    schema
}
