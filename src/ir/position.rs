//! From byte offsets to lines and UTF-16 columns, without the file's text.

use serde::{Deserialize, Serialize};

/// Where lines start, and where characters stand whose UTF-8 and UTF-16 lengths differ.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Lines {
    /// Length in bytes of each line, its break included.
    lengths: Vec<u32>,
    /// `(offset, bytes saved)`: at this byte offset a character begins that has that many fewer UTF-16 units than bytes.
    wide: Vec<(u32, u8)>,
}

impl Lines {
    pub fn new(text: &str) -> Self {
        let mut lines = Self::default();
        let mut start = 0;
        for end in memchr::memchr_iter(b'\n', text.as_bytes()) {
            lines.lengths.push((end + 1 - start) as u32);
            start = end + 1;
        }
        lines.lengths.push((text.len() - start) as u32);
        if !text.is_ascii() {
            lines.wide = text
                .char_indices()
                .filter(|(_, c)| !c.is_ascii())
                .map(|(at, c)| (at as u32, (c.len_utf8() - c.len_utf16()) as u8))
                .collect();
        }
        lines
    }

    /// 1-based line and 1-based column in UTF-16 units.
    pub fn position(&self, offset: u32) -> (u32, u32) {
        let mut start = 0;
        let mut line = 0;
        for (i, length) in self.lengths.iter().enumerate() {
            line = i as u32;
            if offset < start + length || i + 1 == self.lengths.len() {
                break;
            }
            start += length;
        }
        let from = self.wide.partition_point(|(at, _)| *at < start);
        let to = self.wide.partition_point(|(at, _)| *at < offset);
        let saved: u32 = self.wide.get(from..to).unwrap_or_default().iter().map(|(_, n)| u32::from(*n)).sum();
        (line + 1, offset.saturating_sub(start + saved) + 1)
    }

    /// 1-based line.
    pub fn line(&self, offset: u32) -> u32 {
        self.position(offset).0
    }
}
