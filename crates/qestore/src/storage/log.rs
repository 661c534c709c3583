//! Reading the log of a store: its events, as the index has them.

use std::sync::Arc;

use super::Shared;
use crate::Result;
use crate::events::{Event, EventFilter, EventRecord};
use crate::sync::Depth;

/// Events that are read from the index at once.
const PAGE: usize = 500;

pub(super) async fn events(
    shared: &Arc<Shared>,
    filter: &EventFilter,
    limit: usize,
) -> Result<Vec<Event>> {
    shared.sync_soundly(Depth::Recent, &|_| {}).await?;
    let mut events = Vec::new();
    let mut before = None;
    while events.len() < limit {
        let page = shared
            .on_sound_index(move |index| index.events(before, PAGE))
            .await?;
        let Some((last, _)) = page.last() else { break };
        before = Some(*last);
        for (id, body) in page {
            // One that this version cannot read was reported when it was met.
            let Ok(record) = EventRecord::from_json(id, body.as_bytes()) else {
                continue;
            };
            let event = Event::from(record);
            if filter.holds(&event) && events.len() < limit {
                events.push(event);
            }
        }
    }
    Ok(events)
}
