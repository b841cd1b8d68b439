//! The properties of an object, or the variables of a scope, in the order in which they were made.
//!
//! ```js
//! const { id, role } = { id: 1, role: 'admin' }   // most objects have a handful: looking through them beats hashing
//! ```

use super::object::Slot;
use super::value::Value;
use rustc_hash::FxHashMap;

/// From this many on, there is an index.
const MANY: usize = 16;

/// A map from names to values that remembers their order.
#[derive(Debug, Clone, Default)]
pub struct Slots {
    entries: Vec<(Slot, Value)>,
    /// Where each name stands, if there are many.
    index: Option<Box<FxHashMap<Slot, u32>>>,
}

impl Slots {
    fn position(&self, slot: Slot) -> Option<usize> {
        match &self.index {
            Some(index) => index.get(&slot).map(|at| *at as usize),
            None => self.entries.iter().position(|(s, _)| *s == slot),
        }
    }

    pub fn get(&self, slot: &Slot) -> Option<&Value> {
        self.position(*slot).map(|at| &self.entries[at].1)
    }

    pub fn contains_key(&self, slot: &Slot) -> bool {
        self.position(*slot).is_some()
    }

    /// A name that is there already keeps its place.
    pub fn insert(&mut self, slot: Slot, value: Value) {
        match self.position(slot) {
            Some(at) => self.entries[at].1 = value,
            None => self.push(slot, value),
        }
    }

    fn push(&mut self, slot: Slot, value: Value) {
        self.entries.push((slot, value));
        match &mut self.index {
            Some(index) => {
                index.insert(slot, self.entries.len() as u32 - 1);
            }
            None => self.number(),
        }
    }

    /// Takes over the values of another map: `join` says what becomes of one that may stand here already.
    pub fn merge(&mut self, other: &Self, mut join: impl FnMut(Slot, Option<Value>, Value) -> Value) {
        for (at, (slot, theirs)) in other.entries.iter().enumerate() {
            // Maps that are merged mostly come from the same one: what is in both has the same place.
            let at = if self.entries.get(at).is_some_and(|(own, _)| own == slot) { Some(at) } else { self.position(*slot) };
            match at {
                Some(at) if self.entries[at].1 == *theirs => {}
                Some(at) => self.entries[at].1 = join(*slot, Some(self.entries[at].1), *theirs),
                None => self.push(*slot, join(*slot, None, *theirs)),
            }
        }
    }

    /// Removes a name; the last one takes its place.
    pub fn swap_remove(&mut self, slot: &Slot) {
        if let Some(at) = self.position(*slot) {
            self.entries.swap_remove(at);
            self.number();
        }
    }

    pub fn retain(&mut self, mut keep: impl FnMut(&Slot, &Value) -> bool) {
        self.entries.retain(|(slot, value)| keep(slot, value));
        self.number();
    }

    /// Makes the index anew, if one is needed.
    fn number(&mut self) {
        self.index = (self.entries.len() >= MANY)
            .then(|| Box::new(self.entries.iter().enumerate().map(|(at, (slot, _))| (*slot, at as u32)).collect()));
    }

    pub fn len(&self) -> usize {
        self.entries.len()
    }

    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = (&Slot, &Value)> {
        self.entries.iter().map(|(slot, value)| (slot, value))
    }

    pub fn keys(&self) -> impl Iterator<Item = &Slot> {
        self.entries.iter().map(|(slot, _)| slot)
    }

    pub fn values(&self) -> impl Iterator<Item = &Value> {
        self.entries.iter().map(|(_, value)| value)
    }
}

impl Extend<(Slot, Value)> for Slots {
    fn extend<T: IntoIterator<Item = (Slot, Value)>>(&mut self, entries: T) {
        entries.into_iter().for_each(|(slot, value)| self.insert(slot, value));
    }
}

/// The order does not count.
impl PartialEq for Slots {
    fn eq(&self, other: &Self) -> bool {
        self.entries.len() == other.entries.len()
            && (self.entries == other.entries || self.entries.iter().all(|(slot, value)| other.get(slot) == Some(value)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(from: Slot, to: Slot) -> Slots {
        let mut slots = Slots::default();
        slots.extend((from..to).map(|n| (n, Value::number(f64::from(n)))));
        slots
    }

    #[test]
    fn few_and_many_behave_alike() {
        for many in [3, 15, 16, 17, 100] {
            let mut slots = numbers(0, many);
            slots.insert(1, Value::Null);
            assert!(slots.get(&1) == Some(&Value::Null) && slots.len() == many as usize && !slots.contains_key(&many));
            slots.merge(&numbers(0, many + 1), |_, ours, theirs| {
                ours.unwrap_or(if theirs == Value::Null { theirs } else { Value::Undefined })
            });
            assert!(slots.len() == many as usize + 1 && slots.get(&many) == Some(&Value::Undefined) && slots.get(&1) == Some(&Value::Null));
            slots.swap_remove(&many);
            slots.swap_remove(&0);
            assert_eq!(slots.keys().next(), Some(&(many - 1)));
            assert!(!slots.contains_key(&0) && slots.get(&(many - 1)) == Some(&Value::number(f64::from(many - 1))));
            slots.retain(|slot, _| *slot != 1);
            slots.insert(0, Value::Null);
            assert_eq!(slots.get(&0), Some(&Value::Null));
            assert_eq!(slots.len(), many as usize - 1);
        }
    }

    #[test]
    fn the_order_does_not_count() {
        let mut other = numbers(10, 20);
        other.extend(numbers(0, 10).iter().map(|(s, v)| (*s, *v)));
        assert_eq!(numbers(0, 20), other);
        other.insert(5, Value::Null);
        assert_ne!(numbers(0, 20), other);
        assert_ne!(numbers(0, 20), numbers(0, 19));
    }
}
