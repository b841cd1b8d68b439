//! Random changes of a text, the same for the same seed.

/// xorshift64*: small, and the same everywhere.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) as usize % n.max(1)
    }

    fn range(&mut self, length: usize, longest: usize) -> std::ops::Range<usize> {
        let start = self.below(length);
        start..(start + 1 + self.below(longest)).min(length)
    }
}

/// The places where lines or tokens of `text` begin, with the end as the last.
fn edges(text: &[u8], is_edge: impl Fn(u8, u8) -> bool) -> Vec<usize> {
    let inner = text.windows(2).enumerate().filter(|(_, w)| is_edge(w[0], w[1])).map(|(i, _)| i + 1);
    std::iter::once(0).chain(inner).chain([text.len()]).collect()
}

/// Changes a text a little: most of the time into one that is still JavaScript.
pub fn mutate(random: &mut Random, text: &mut Vec<u8>) {
    if text.is_empty() {
        return;
    }
    let kind = |b: u8| if b.is_ascii_alphanumeric() || b == b'_' { 0 } else { b };
    let cuts = match random.below(3) {
        0 => (0..=text.len()).collect(),
        1 => edges(text, |a, _| a == b'\n'),
        _ => edges(text, |a, b| kind(a) != kind(b)),
    };
    let pieces = cuts.len() - 1;
    let at = |r: &std::ops::Range<usize>| cuts[r.start]..cuts[r.end];
    let (a, b) = (random.range(pieces, 8), random.range(pieces, 8));
    match random.below(5) {
        0 => drop(text.drain(at(&a))),
        1 => {
            let copy = text[at(&a)].to_vec();
            text.splice(at(&(a.end..a.end)), copy);
        }
        2 => {
            let (first, second) = if a.start <= b.start { (a, b) } else { (b, a) };
            if first.end <= second.start {
                let (x, y) = (text[at(&first)].to_vec(), text[at(&second)].to_vec());
                text.splice(at(&second), x);
                text.splice(at(&first), y);
            }
        }
        3 => text[cuts[a.start]] = random.below(256) as u8,
        _ => {
            let bits: [&[u8]; 12] = [
                b"{",
                b"}",
                b"(",
                b"...",
                b"await ",
                b"=>",
                b"`${",
                b"class A extends A {",
                b"import './index.js';",
                b"/*",
                b"\0",
                "\u{2028}é\u{1F600}".as_bytes(),
            ];
            text.splice(at(&(a.start..a.start)), bits[random.below(bits.len())].iter().copied());
        }
    }
}
