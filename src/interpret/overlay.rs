//! What one course of events has made of the heap: a persistent map, so that a fork costs nothing and a join costs what differs.
//!
//! ```js
//! if (await isAdmin(req)) audit(req)   // two courses: they share every object that neither side wrote to
//! ```
//!
//! A radix tree over object numbers, which are dense. Copies share their nodes; comparing and joining two copies visits only nodes that are
//! not shared.

use super::object::Object;
use super::value::ObjectId;
use std::rc::Rc;

const BITS: u32 = 4;
const WIDTH: usize = 1 << BITS;

/// A persistent map from objects' numbers to what they hold.
#[derive(Debug, Clone, Default)]
pub struct Overlay {
    root: Option<Rc<Node>>,
    /// Levels of branches above the leaves.
    height: u32,
}

#[derive(Debug, Clone)]
enum Node {
    Branch([Option<Rc<Node>>; WIDTH]),
    Leaf([Option<Rc<Object>>; WIDTH]),
}

impl Node {
    fn empty(height: u32) -> Self {
        if height == 0 { Self::Leaf(Default::default()) } else { Self::Branch(Default::default()) }
    }

    fn children(&self) -> &[Option<Rc<Node>>] {
        if let Self::Branch(children) = self { children } else { &[] }
    }

    fn objects(&self) -> &[Option<Rc<Object>>] {
        if let Self::Leaf(objects) = self { objects } else { &[] }
    }

    /// How many objects there are below.
    fn count(&self) -> u64 {
        match self {
            Self::Branch(children) => children.iter().flatten().map(|child| child.count()).sum(),
            Self::Leaf(objects) => objects.iter().flatten().count() as u64,
        }
    }

    fn is_empty(&self) -> bool {
        match self {
            Self::Branch(children) => children.iter().all(Option::is_none),
            Self::Leaf(objects) => objects.iter().all(Option::is_none),
        }
    }
}

const fn slot(id: u32, height: u32) -> usize {
    ((id >> (height * BITS)) as usize) & (WIDTH - 1)
}

/// Whether a tree of this height has room for a number.
const fn fits(id: u32, height: u32) -> bool {
    let bits = (height + 1) * BITS;
    bits >= u32::BITS || id >> bits == 0
}

impl Overlay {
    pub fn is_empty(&self) -> bool {
        self.root.is_none()
    }

    pub fn get(&self, id: ObjectId) -> Option<&Rc<Object>> {
        let mut node = self.root.as_deref()?;
        if !fits(id.0, self.height) {
            return None;
        }
        let mut height = self.height;
        loop {
            match node {
                Node::Branch(children) => node = children[slot(id.0, height)].as_deref()?,
                Node::Leaf(objects) => return objects[slot(id.0, 0)].as_ref(),
            }
            height = height.saturating_sub(1);
        }
    }

    /// The place of an object, to be read and written.
    pub fn entry(&mut self, id: ObjectId) -> &mut Option<Rc<Object>> {
        while !fits(id.0, self.height) {
            if let Some(root) = self.root.take() {
                let mut children: [Option<Rc<Node>>; WIDTH] = Default::default();
                children[0] = Some(root);
                self.root = Some(Rc::new(Node::Branch(children)));
            }
            self.height += 1;
        }
        let mut height = self.height;
        let mut place = &mut self.root;
        loop {
            let node = Rc::make_mut(place.get_or_insert_with(|| Rc::new(Node::empty(height))));
            match node {
                Node::Branch(children) => place = &mut children[slot(id.0, height)],
                Node::Leaf(objects) => return &mut objects[slot(id.0, 0)],
            }
            height = height.saturating_sub(1);
        }
    }

    pub fn insert(&mut self, id: ObjectId, object: Rc<Object>) {
        *self.entry(id) = Some(object);
    }

    pub fn remove(&mut self, id: ObjectId) {
        fn within(place: &mut Option<Rc<Node>>, id: u32, height: u32) {
            let Some(node) = place else { return };
            let node = Rc::make_mut(node);
            match node {
                Node::Branch(children) => within(&mut children[slot(id, height)], id, height.saturating_sub(1)),
                Node::Leaf(objects) => objects[slot(id, 0)] = None,
            }
            if node.is_empty() {
                *place = None;
            }
        }
        if self.get(id).is_some() {
            within(&mut self.root, id.0, self.height);
        }
    }

    /// Every object with its number, in order.
    pub fn for_each(&self, mut visit: impl FnMut(ObjectId, &Rc<Object>)) {
        fn within(node: &Node, first: u32, height: u32, visit: &mut impl FnMut(ObjectId, &Rc<Object>)) {
            match node {
                Node::Branch(children) => {
                    for (i, child) in children.iter().enumerate() {
                        if let Some(child) = child {
                            within(child, first | (i as u32) << (height * BITS), height.saturating_sub(1), visit);
                        }
                    }
                }
                Node::Leaf(objects) => {
                    for (i, object) in objects.iter().enumerate() {
                        if let Some(object) = object {
                            visit(ObjectId(first | i as u32), object);
                        }
                    }
                }
            }
        }
        if let Some(root) = &self.root {
            within(root, 0, self.height, &mut visit);
        }
    }

    /// Visits the places at which two maps hold different objects, until `visit` says no.
    pub fn differences(&self, other: &Self, visit: impl FnMut(ObjectId, Option<&Rc<Object>>, Option<&Rc<Object>>) -> bool) -> bool {
        self.differences_below(u32::MAX, other, visit)
    }

    /// The same, among the objects with lesser numbers.
    pub fn differences_below(
        &self,
        end: u32,
        other: &Self,
        mut visit: impl FnMut(ObjectId, Option<&Rc<Object>>, Option<&Rc<Object>>) -> bool,
    ) -> bool {
        let height = self.height.max(other.height);
        let (a, b) = (self.raised(height), other.raised(height));
        same(a.as_ref(), b.as_ref()) || differ(a.as_ref(), b.as_ref(), 0..end, height, &mut visit)
    }

    /// One map for two, and in how many places they differ: `join` says what stands there. Objects numbered `alone` or more that are only
    /// in one of the two are simply taken over. What stays as it is stays shared.
    pub fn merge(
        &self,
        other: &Self,
        alone: u32,
        join: impl FnMut(ObjectId, Option<&Rc<Object>>, Option<&Rc<Object>>) -> Rc<Object>,
    ) -> (Self, u64) {
        let height = self.height.max(other.height);
        let (a, b) = (self.raised(height), other.raised(height));
        let mut merge = Merge { alone, differ: 0, join };
        let root = merge.nodes(a.as_ref(), b.as_ref(), 0, height);
        (Self { root, height }, merge.differ)
    }

    /// Whether there is an object numbered from `from` to before `to`.
    pub fn holds_any(&self, from: u32, to: u32) -> bool {
        fn within(node: &Node, first: u32, height: u32, range: (u32, u32)) -> bool {
            let span = 1u32.checked_shl(height * BITS).unwrap_or(u32::MAX);
            let overlaps = |i: usize| {
                let at = first.saturating_add((i as u32).saturating_mul(span));
                at < range.1 && at.saturating_add(span) > range.0
            };
            match node {
                Node::Branch(children) => children.iter().enumerate().any(|(i, child)| {
                    overlaps(i)
                        && child
                            .as_deref()
                            .is_some_and(|c| within(c, first | (i as u32) << (height * BITS), height.saturating_sub(1), range))
                }),
                Node::Leaf(objects) => objects.iter().enumerate().any(|(i, o)| o.is_some() && overlaps(i)),
            }
        }
        from < to && self.root.as_deref().is_some_and(|root| within(root, 0, self.height, (from, to)))
    }

    /// Leaves only the objects for which `keep` holds.
    pub fn retain(&mut self, mut keep: impl FnMut(ObjectId) -> bool) {
        let mut gone = Vec::new();
        self.for_each(|id, _| {
            if !keep(id) {
                gone.push(id);
            }
        });
        for id in gone {
            self.remove(id);
        }
    }

    /// The root as it would be if the tree were higher.
    fn raised(&self, height: u32) -> Option<Rc<Node>> {
        let mut root = self.root.clone()?;
        for _ in self.height..height {
            let mut children: [Option<Rc<Node>>; WIDTH] = Default::default();
            children[0] = Some(root);
            root = Rc::new(Node::Branch(children));
        }
        Some(root)
    }
}

/// Two maps being made one.
struct Merge<J> {
    alone: u32,
    differ: u64,
    join: J,
}

impl<J: FnMut(ObjectId, Option<&Rc<Object>>, Option<&Rc<Object>>) -> Rc<Object>> Merge<J> {
    fn nodes(&mut self, a: Option<&Rc<Node>>, b: Option<&Rc<Node>>, first: u32, height: u32) -> Option<Rc<Node>> {
        match (a, b) {
            (None, None) => return None,
            (Some(a), Some(b)) if Rc::ptr_eq(a, b) => return Some(Rc::clone(a)),
            (Some(only), None) | (None, Some(only)) if first >= self.alone => {
                self.differ += only.count();
                return Some(Rc::clone(only));
            }
            _ => {}
        }
        // Made when the first difference is found: until then, it is `a`.
        let mut out: Option<Node> = None;
        let begun = || a.map_or_else(|| Node::empty(height), |a| Node::clone(a));
        if height == 0 {
            let (ours, theirs) = (a.map_or(&[][..], |n| n.objects()), b.map_or(&[][..], |n| n.objects()));
            for i in 0..WIDTH {
                let (ours, theirs) = (at(ours, i), at(theirs, i));
                if !same(ours, theirs) {
                    self.differ += 1;
                    let joined = (self.join)(ObjectId(first | i as u32), ours, theirs);
                    if !same(ours, Some(&joined))
                        && let Node::Leaf(objects) = out.get_or_insert_with(begun)
                    {
                        objects[i] = Some(joined);
                    }
                }
            }
        } else {
            let (ours, theirs) = (a.map_or(&[][..], |n| n.children()), b.map_or(&[][..], |n| n.children()));
            for i in 0..WIDTH {
                let (ours, theirs) = (at(ours, i), at(theirs, i));
                if !same(ours, theirs) {
                    let joined = self.nodes(ours, theirs, first | (i as u32) << (height * BITS), height - 1);
                    if !same(ours, joined.as_ref())
                        && let Node::Branch(children) = out.get_or_insert_with(begun)
                    {
                        children[i] = joined;
                    }
                }
            }
        }
        out.map(Rc::new).or_else(|| a.cloned())
    }
}

/// `range`: the number of the first object below, and where to stop.
fn differ(
    a: Option<&Rc<Node>>,
    b: Option<&Rc<Node>>,
    range: std::ops::Range<u32>,
    height: u32,
    visit: &mut impl FnMut(ObjectId, Option<&Rc<Object>>, Option<&Rc<Object>>) -> bool,
) -> bool {
    if range.is_empty() {
        return true;
    }
    if height == 0 {
        let (ours, theirs) = (a.map_or(&[][..], |n| n.objects()), b.map_or(&[][..], |n| n.objects()));
        return (0..WIDTH).all(|i| {
            let (ours, theirs, id) = (at(ours, i), at(theirs, i), range.start | i as u32);
            same(ours, theirs) || id >= range.end || visit(ObjectId(id), ours, theirs)
        });
    }
    let (ours, theirs) = (a.map_or(&[][..], |n| n.children()), b.map_or(&[][..], |n| n.children()));
    (0..WIDTH).all(|i| {
        let (ours, theirs, first) = (at(ours, i), at(theirs, i), range.start | (i as u32) << (height * BITS));
        same(ours, theirs) || differ(ours, theirs, first..range.end, height - 1, visit)
    })
}

fn at<T>(list: &[Option<T>], i: usize) -> Option<&T> {
    list.get(i).and_then(Option::as_ref)
}

fn same<T>(a: Option<&Rc<T>>, b: Option<&Rc<T>>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => Rc::ptr_eq(a, b),
        (None, None) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::interpret::object::Kind;

    fn object(n: u32) -> Rc<Object> {
        let mut object = Object::new(Kind::Plain);
        object.slots.insert(n, crate::interpret::value::Value::Null);
        Rc::new(object)
    }

    fn keys(overlay: &Overlay) -> Vec<u32> {
        let mut out = Vec::new();
        overlay.for_each(|id, _| out.push(id.0));
        out
    }

    #[test]
    fn copies_are_independent_and_differences_are_what_differs() {
        let mut a = Overlay::default();
        for id in [3, 17, 70_000, 1 << 22, u32::MAX] {
            a.insert(ObjectId(id), object(id));
        }
        let mut b = a.clone();
        assert!(a.differences(&b, |_, _, _| false));
        b.insert(ObjectId(18), object(1));
        b.remove(ObjectId(3));
        assert_eq!(keys(&a), [3, 17, 70_000, 1 << 22, u32::MAX]);
        assert_eq!(keys(&b), [17, 18, 70_000, 1 << 22, u32::MAX]);
        let mut found = Vec::new();
        a.differences(&b, |id, ours, theirs| {
            found.push((id.0, ours.is_some(), theirs.is_some()));
            true
        });
        assert_eq!(found, [(3, true, false), (18, false, true)]);
        for alone in [0, 18, u32::MAX] {
            let (joined, differ) = a.merge(&b, alone, |_, ours, theirs| Rc::clone(ours.or(theirs).unwrap()));
            assert_eq!((keys(&joined).as_slice(), differ), (&[3, 17, 18, 70_000, 1 << 22, u32::MAX][..], 2));
        }
        assert!(a.differences_below(3, &b, |_, _, _| false) && !a.differences_below(4, &b, |_, _, _| false));
    }

    #[test]
    fn maps_of_different_height_compare() {
        let (mut small, mut large) = (Overlay::default(), Overlay::default());
        small.insert(ObjectId(1), object(1));
        large.insert(ObjectId(90_000), object(2));
        let mut found = Vec::new();
        small.differences(&large, |id, _, _| {
            found.push(id.0);
            true
        });
        assert_eq!(found, [1, 90_000]);
        assert!(large.holds_any(89_999, 90_001) && !large.holds_any(0, 90_000) && !large.holds_any(90_001, u32::MAX));
        large.remove(ObjectId(90_000));
        assert!(large.is_empty());
    }
}
