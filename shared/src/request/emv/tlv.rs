//! Data objects: an id of two digits, a length of two digits in characters, a value.

use super::EmvFault;
use std::fmt::Write;

/// The objects of one level, each id once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Objects(Vec<(u8, String)>);

impl Objects {
    /// # Errors
    /// [`EmvFault::CutOff`], [`EmvFault::Length`], [`EmvFault::Repeated`].
    pub fn read(text: &str) -> Result<Self, EmvFault> {
        let mut objects = Self::default();
        let mut rest = text;
        while !rest.is_empty() {
            let (id, after) = two_digits(rest)?;
            let (length, after) = two_digits(after)?;
            if length == 0 {
                return Err(EmvFault::Length);
            }
            let end = match after.char_indices().nth(usize::from(length)) {
                Some((end, _)) => end,
                None if after.chars().count() == usize::from(length) => after.len(),
                None => return Err(EmvFault::CutOff),
            };
            let (value, after) = after.split_at_checked(end).ok_or(EmvFault::CutOff)?;
            if objects.0.iter().any(|(before, _)| *before == id) {
                return Err(EmvFault::Repeated);
            }
            objects.0.push((id, value.to_owned()));
            rest = after;
        }
        Ok(objects)
    }

    pub fn take(&mut self, id: u8) -> Option<String> {
        let at = self.0.iter().position(|(found, _)| *found == id)?;
        Some(self.0.remove(at).1)
    }
    pub fn need(&mut self, id: u8) -> Result<String, EmvFault> {
        self.take(id).ok_or(EmvFault::Missing(id))
    }
    pub fn rest(self) -> Vec<(u8, String)> {
        self.0
    }
    /// An empty value is left out.
    pub fn put(&mut self, id: u8, value: impl Into<String>) {
        let value = value.into();
        if !value.is_empty() {
            self.0.push((id, value));
        }
    }
    pub fn put_some(&mut self, id: u8, value: Option<&String>) {
        if let Some(value) = value {
            self.put(id, value.clone());
        }
    }

    /// In the order of their ids.
    ///
    /// # Errors
    /// [`EmvFault::Length`]: a value of more than 99 characters.
    pub fn write(mut self) -> Result<String, EmvFault> {
        self.0.sort_by_key(|(id, _)| *id);
        let mut text = String::new();
        for (id, value) in self.0 {
            let length = value.chars().count();
            if length > 99 || id > 99 {
                return Err(EmvFault::Length);
            }
            // Writing to a String never fails.
            let _always = write!(text, "{id:02}{length:02}{value}");
        }
        Ok(text)
    }
}

fn two_digits(text: &str) -> Result<(u8, &str), EmvFault> {
    let (digits, rest) = text.split_at_checked(2).ok_or(EmvFault::CutOff)?;
    if !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(EmvFault::Length);
    }
    Ok((digits.parse().map_err(|_| EmvFault::Length)?, rest))
}
