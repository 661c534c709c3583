//! YAML text as a small tree that knows where everything stands.
//!
//! Scalars stay text: what a scalar is depends on the key that it is for. Limits keep hostile files
//! small: size, depth, and what aliases may expand to.

use std::collections::HashMap;

use granit_parser::{ErrorKind, Event, Marker, Parser, ScalarStyle, ScanError, options};

use super::problem::Mark;

/// The largest file.
pub(super) const MAX_BYTES: usize = 1 << 20;
/// How deep collections may be nested.
const MAX_DEPTH: usize = 32;
/// How many values a file may have, those that aliases repeat among them.
const MAX_NODES: usize = 20_000;

/// A value and where it begins.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) mark: Mark,
    pub(super) content: Content,
    /// How many values it is made of.
    size: usize,
}

/// What a value is.
#[derive(Debug, Clone)]
pub(super) enum Content {
    Null,
    Scalar(String),
    List,
    Map(Vec<(Node, Node)>),
}

/// What is wrong with the text, and where.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) mark: Option<Mark>,
    pub(super) message: String,
}

/// Reads the one document of a text; `None` when there is nothing in it.
pub(super) fn read(bytes: &[u8]) -> Result<Option<Node>, Fault> {
    if bytes.len() > MAX_BYTES {
        return Err(Fault {
            mark: None,
            message: format!("the file is larger than {MAX_BYTES} bytes: is it the right one?"),
        });
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let before = &bytes[..error.valid_up_to()];
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        Fault {
            mark: Some(Mark {
                line: u32::try_from(line).unwrap_or(u32::MAX),
                column: 1,
            }),
            message: "the file is not valid UTF-8".to_owned(),
        }
    })?;
    Builder::default().document(text)
}

/// A collection that is not complete yet.
#[derive(Debug)]
struct Open {
    mark: Mark,
    anchor: usize,
    is_map: bool,
    children: Vec<Node>,
}

#[derive(Debug, Default)]
struct Builder {
    open: Vec<Open>,
    anchors: HashMap<usize, Node>,
    nodes: usize,
    root: Option<Node>,
    documents: usize,
}

impl Builder {
    fn document(mut self, text: &str) -> Result<Option<Node>, Fault> {
        let options = options! {
            flow_nesting_limit: MAX_DEPTH,
            block_nesting_limit: MAX_DEPTH,
        };
        for event in Parser::new_from_str_with_options(text, options) {
            let (event, span) = event.map_err(|error| syntax(&error))?;
            let mark = mark(&span.start);
            self.event(event, mark)?;
        }
        Ok(self.root)
    }

    fn event(&mut self, event: Event<'_>, mark: Mark) -> Result<(), Fault> {
        if let Some(tag) = event.tag()
            && tag.is_custom()
        {
            return fault(mark, "tags such as !env are not understood here; ${VAR} is");
        }
        match event {
            Event::DocumentStart(..) => {
                self.documents += 1;
                if self.documents > 1 {
                    return fault(
                        mark,
                        "a second document begins here; a configuration is one document",
                    );
                }
                Ok(())
            }
            Event::Scalar(text, style, anchor, _) => {
                let null = style == ScalarStyle::Plain
                    && matches!(&*text, "" | "~" | "null" | "Null" | "NULL");
                let content = match null {
                    true => Content::Null,
                    false => Content::Scalar(text.into_owned()),
                };
                self.count(1, mark)?;
                self.add(
                    Node {
                        mark,
                        content,
                        size: 1,
                    },
                    anchor,
                );
                Ok(())
            }
            Event::SequenceStart(_, anchor, _) => self.begin(mark, anchor, false),
            Event::MappingStart(_, anchor, _) => self.begin(mark, anchor, true),
            Event::SequenceEnd | Event::MappingEnd => {
                self.end();
                Ok(())
            }
            Event::Alias(anchor) => {
                let Some(node) = self.anchors.get(&anchor).cloned() else {
                    return fault(mark, "an alias stands inside of what it repeats");
                };
                self.count(node.size, mark)?;
                self.add(node, 0);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn count(&mut self, more: usize, mark: Mark) -> Result<(), Fault> {
        self.nodes += more;
        if self.nodes > MAX_NODES {
            return fault(
                mark,
                format!("there are more than {MAX_NODES} values, those of aliases among them"),
            );
        }
        Ok(())
    }

    fn begin(&mut self, mark: Mark, anchor: usize, is_map: bool) -> Result<(), Fault> {
        // Flow in block and block in flow add up.
        if self.open.len() >= MAX_DEPTH {
            return fault(mark, too_deep());
        }
        self.count(1, mark)?;
        self.open.push(Open {
            mark,
            anchor,
            is_map,
            children: Vec::new(),
        });
        Ok(())
    }

    fn end(&mut self) {
        let Some(open) = self.open.pop() else {
            return;
        };
        let size = 1 + open.children.iter().map(|child| child.size).sum::<usize>();
        let content = if open.is_map {
            let mut children = open.children.into_iter();
            let mut entries = Vec::new();
            while let (Some(key), Some(value)) = (children.next(), children.next()) {
                entries.push((key, value));
            }
            Content::Map(entries)
        } else {
            Content::List
        };
        let node = Node {
            mark: open.mark,
            content,
            size,
        };
        self.add(node, open.anchor);
    }

    fn add(&mut self, node: Node, anchor: usize) {
        if anchor > 0 {
            self.anchors.insert(anchor, node.clone());
        }
        match self.open.last_mut() {
            Some(open) => open.children.push(node),
            None => self.root = Some(node),
        }
    }
}

fn fault<T>(mark: Mark, message: impl Into<String>) -> Result<T, Fault> {
    Err(Fault {
        mark: Some(mark),
        message: message.into(),
    })
}

fn too_deep() -> String {
    format!("values are nested more than {MAX_DEPTH} deep")
}

fn mark(marker: &Marker) -> Mark {
    let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    Mark {
        line: number(marker.line()),
        column: number(marker.col().saturating_add(1)),
    }
}

/// What the parser says, with what to do about what happens often.
fn syntax(error: &ScanError) -> Fault {
    let message = match error.kind() {
        ErrorKind::TabNotAllowed
        | ErrorKind::TabInBlockIndentation
        | ErrorKind::TabInIndentation
        | ErrorKind::TabAtBlockScalarStart => {
            "a tab stands where YAML allows none; indent with spaces".to_owned()
        }
        ErrorKind::RecursionLimitExceeded => too_deep(),
        ErrorKind::UnknownAnchor => "an alias repeats what has no anchor before it".to_owned(),
        _ => format!("this is not YAML: {}", error.info()),
    };
    Fault {
        mark: Some(mark(error.marker())),
        message,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(text: &str) -> (u32, String) {
        let fault = read(text.as_bytes()).unwrap_err();
        (fault.mark.map_or(0, |mark| mark.line), fault.message)
    }

    #[test]
    fn everything_knows_where_it_stands() {
        let root = read(b"# c\na:\n  b: 1 # d\n  c: [x, 'y']\n")
            .unwrap()
            .unwrap();
        let Content::Map(top) = root.content else {
            panic!()
        };
        let Content::Map(inner) = &top[0].1.content else {
            panic!()
        };
        let at = |node: &Node| (node.mark.line, node.mark.column);
        assert_eq!(
            (at(&top[0].0), at(&inner[0].0), at(&inner[0].1)),
            ((2, 1), (3, 3), (3, 6))
        );
        assert_eq!(at(&inner[1].1), (4, 6));
        assert!(matches!(inner[1].1.content, Content::List));
    }

    #[test]
    fn nothing_is_nothing() {
        for text in ["", "\n\n", "# only a comment\n", "---\n", "\u{feff}"] {
            let root = read(text.as_bytes()).unwrap();
            assert!(
                root.is_none_or(|root| matches!(root.content, Content::Null)),
                "{text:?}"
            );
        }
    }

    #[test]
    fn what_is_no_configuration_is_refused_with_its_line() {
        for (text, line, part) in [
            ("a: 1\nb:\n\tc: 2\n", 3, "tab"),
            ("a: 1\n---\nb: 2\n", 2, "second document"),
            ("a: [1, 2\n", 1, "not YAML"),
            ("a: *x\n", 1, "no anchor"),
            ("a: &a [*a]\n", 1, "inside of what it repeats"),
            ("a: !env X\n", 1, "${VAR}"),
            ("a: \"x\n", 1, "not YAML"),
        ] {
            let (at, message) = wrong(text);
            assert!(message.contains(part), "{text:?}: {message}");
            assert!(at == line, "{text:?}: line {at}: {message}");
        }
        let latin = read(b"a: 1\nb: \xe9\n").unwrap_err();
        assert_eq!(latin.mark.unwrap().line, 2);
    }

    #[test]
    fn bombs_do_not_go_off() {
        let mut text = "a: &a [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for (above, below) in ('b'..='z').zip('a'..='z') {
            let many = vec![format!("*{below}"); 10].join(", ");
            text.push_str(&format!("{above}: &{above} [{many}]\n"));
        }
        assert!(wrong(&text).1.contains("aliases"));
        assert!(wrong(&"[".repeat(100_000)).1.contains("deep"));
        assert!(wrong(&"- ".repeat(100_000)).1.contains("deep"));
        assert!(wrong(&"a: {".repeat(1000)).1.contains("deep"));
        assert!(wrong(&"x\n".repeat(MAX_BYTES)).1.contains("larger"));
        assert!(wrong(&"- x\n".repeat(30_000)).1.contains("more than"));
    }
}
