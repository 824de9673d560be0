//! Server-sent events (HTML Living Standard, section 9.2.6), as much of them as the server says: names and data.

/// Longer than anything that the server says.
const EVENT_BYTES_MAX: usize = 8 * 1_024;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Event {
    pub name: String,
    pub data: String,
}

#[derive(Default)]
pub struct Events {
    line: Vec<u8>,
    after_return: bool,
    event: Event,
}

impl Events {
    /// The events that are complete with this piece; `None` when one is too long.
    pub fn read(&mut self, piece: &[u8]) -> Option<Vec<Event>> {
        let mut complete = Vec::new();
        for byte in piece {
            let after_return = std::mem::replace(&mut self.after_return, *byte == b'\r');
            match byte {
                b'\n' if after_return => {}
                b'\n' | b'\r' => complete.extend(self.end_of_line()),
                _ => self.line.push(*byte),
            }
            if self.line.len() + self.event.data.len() + self.event.name.len() > EVENT_BYTES_MAX {
                return None;
            }
        }
        Some(complete)
    }

    fn end_of_line(&mut self) -> Option<Event> {
        let line = std::mem::take(&mut self.line);
        if line.is_empty() {
            let event = std::mem::take(&mut self.event);
            return (!event.data.is_empty()).then_some(event);
        }
        let line = String::from_utf8_lossy(&line);
        let (field, value) = line.split_once(':').unwrap_or((&line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => value.clone_into(&mut self.event.name),
            "data" => {
                if !self.event.data.is_empty() {
                    self.event.data.push('\n');
                }
                self.event.data.push_str(value);
            }
            // A comment (the server's sign of life), an id, a pause: not for us.
            _ => {}
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(name: &str, data: &str) -> Event {
        Event { name: name.to_owned(), data: data.to_owned() }
    }

    #[test]
    fn reads_events_however_they_are_cut() {
        let stream = b":\n\nevent: news\ndata: {\"feed\":7}\n\nid: 9\r\ndata:two\r\ndata: lines\r\n\r\nevent: news\n\n:x\n";
        let wanted = vec![event("news", "{\"feed\":7}"), event("", "two\nlines")];
        for size in 1..=stream.len() {
            let mut events = Events::default();
            let read: Vec<Event> =
                stream.chunks(size).flat_map(|piece| events.read(piece).unwrap()).collect();
            assert_eq!(read, wanted, "in pieces of {size}");
        }
    }

    #[test]
    fn an_endless_event_is_given_up() {
        let mut events = Events::default();
        assert!((0..10).any(|_| events.read(&[b'a'; 1_000]).is_none()));
        let mut events = Events::default();
        assert!((0..2_000).any(|_| events.read(b"data: aaaa\n").is_none()));
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_it_stop(pieces: Vec<Vec<u8>>) {
            let mut events = Events::default();
            for piece in pieces {
                drop(events.read(&piece));
            }
        }
    }
}
