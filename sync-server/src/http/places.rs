//! So many at once of each: connections of an address, live streams of a person.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

#[derive(Debug)]
pub struct Places<K: Eq + Hash + Copy> {
    each: usize,
    taken: Arc<Mutex<HashMap<K, usize>>>,
}

/// Free again when dropped.
#[derive(Debug)]
pub struct Place<K: Eq + Hash + Copy> {
    key: K,
    taken: Arc<Mutex<HashMap<K, usize>>>,
}

impl<K: Eq + Hash + Copy> Places<K> {
    pub fn new(each: usize) -> Self {
        Self { each, taken: Arc::default() }
    }

    /// `None` when this key's are all taken.
    pub fn take(&self, key: K) -> Option<Place<K>> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let count = taken.entry(key).or_insert(0);
        if *count >= self.each {
            return None;
        }
        *count += 1;
        Some(Place { key, taken: self.taken.clone() })
    }
}

impl<K: Eq + Hash + Copy> Drop for Place<K> {
    fn drop(&mut self) {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = taken.get_mut(&self.key) {
            *count -= 1;
            if *count == 0 {
                taken.remove(&self.key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_has_its_own_and_gives_them_back() {
        let places = Places::new(2);
        let (first, second) = (places.take("ana").unwrap(), places.take("ana").unwrap());
        assert!(places.take("ana").is_none());
        let bos = places.take("bo").unwrap();
        drop(first);
        let third = places.take("ana").unwrap();
        assert!(places.take("ana").is_none());
        drop((second, third, bos));
        assert!(places.taken.lock().unwrap().is_empty(), "nobody is remembered");
    }
}
