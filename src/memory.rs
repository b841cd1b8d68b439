//! The memory allocator of the WebAssembly module: lists of free blocks, one per size.
//!
//! ```js
//! new WebAssembly.Instance(module)   // its own memory, one thread, gone as a whole when the analysis is over
//! ```
//!
//! Most of what an analysis allocates is small, dies young, and comes again in the same size. A block is taken from the list of its size and
//! goes back there; nothing is ever split or put together again. That is a dozen instructions, where the standard allocator takes hundreds:
//! V8 runs most of this module as its baseline compiler made it, so that they count.

/// Up to here, sizes are multiples of [`GRAIN`]; from here on, there are four per power of two.
const SMALL: usize = 256;
/// Every block lies at a multiple of this.
const GRAIN: usize = 16;
const CLASSES: usize = SMALL / GRAIN + 4 * (31 - SMALL.ilog2() as usize);

/// The number of the smallest size of block that has room for so many bytes, and that size.
#[expect(clippy::inline_always, reason = "the module is compiled for its size, and this is half of what an allocation takes")]
#[inline(always)]
const fn class(bytes: usize) -> (usize, usize) {
    if bytes <= SMALL {
        let grains = bytes.div_ceil(GRAIN);
        return (grains.saturating_sub(1), grains * GRAIN);
    }
    large_class(bytes)
}

const fn large_class(bytes: usize) -> (usize, usize) {
    let last = bytes - 1;
    let top = last.ilog2();
    let quarter = (last >> (top - 2)) & 3;
    (SMALL / GRAIN + 4 * (top - SMALL.ilog2()) as usize + quarter, (1 << top) + ((quarter + 1) << (top - 2)))
}

#[cfg(target_arch = "wasm32")]
mod wasm {
    use super::{CLASSES, GRAIN, class};
    use core::alloc::{GlobalAlloc, Layout};
    use core::arch::wasm32::{memory_grow, memory_size};
    use core::cell::Cell;
    use core::ptr;

    const PAGE: usize = 65_536;
    /// Memory is asked for in pieces of this part of what there is: one that lives long should not grow by much for a moment's need.
    const PART: usize = 32;

    struct Lists {
        /// The first free block of each size; a free block begins with the address of the next one.
        free: [Cell<*mut u8>; CLASSES],
        /// What was never used yet.
        from: Cell<usize>,
        to: Cell<usize>,
    }

    // SAFETY: an instance has one thread: the module is compiled without atomics.
    unsafe impl Sync for Lists {}

    #[global_allocator]
    static LISTS: Lists = Lists { free: [const { Cell::new(ptr::null_mut()) }; CLASSES], from: Cell::new(0), to: Cell::new(0) };

    impl Lists {
        /// A block that was never used; null where the host gives no more memory.
        #[cold]
        #[inline(never)]
        fn carve(&self, size: usize, align: usize) -> *mut u8 {
            let fits = |at: usize| at.checked_add(size).is_some_and(|end| end <= self.to.get());
            let aligned = |at: usize| at.wrapping_add(align - 1) & !(align - 1);
            let mut at = aligned(self.from.get());
            if !fits(at) {
                let pages = (size + align).div_ceil(PAGE).max(memory_size(0) / PART);
                let old = memory_grow(0, pages);
                if old == usize::MAX {
                    return ptr::null_mut();
                }
                let begin = old * PAGE;
                if begin != self.to.get() {
                    self.from.set(begin);
                }
                self.to.set(begin + pages * PAGE);
                at = aligned(self.from.get());
            }
            self.from.set(at + size);
            at as *mut u8
        }
    }

    // SAFETY: a block has the size of its class and is in use or in one list, never both; every block lies at a multiple of `GRAIN`, and
    // what must lie at a larger one is always carved.
    unsafe impl GlobalAlloc for Lists {
        unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
            let (number, size) = class(layout.size());
            let list = &self.free[number];
            let block = list.get();
            if block.is_null() || layout.align() > GRAIN {
                return self.carve(size, layout.align().max(GRAIN));
            }
            // SAFETY: a free block begins with the address of the next one.
            list.set(unsafe { block.cast::<*mut u8>().read() });
            block
        }

        unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
            let list = &self.free[class(layout.size()).0];
            // SAFETY: the block is the caller's to give back, and at least `GRAIN` long.
            unsafe { block.cast::<*mut u8>().write(list.get()) };
            list.set(block);
        }

        unsafe fn realloc(&self, block: *mut u8, layout: Layout, bytes: usize) -> *mut u8 {
            let (old, new) = (class(layout.size()).1, class(bytes).1);
            if old == new {
                return block;
            }
            // What was carved last grows where it is.
            let begin = block as usize;
            if new > old && begin + old == self.from.get() && begin.checked_add(new).is_some_and(|end| end <= self.to.get()) {
                self.from.set(begin + new);
                return block;
            }
            // SAFETY: the sizes are those of the old and the new block.
            unsafe {
                let moved = self.alloc(Layout::from_size_align_unchecked(bytes, layout.align()));
                if !moved.is_null() {
                    ptr::copy_nonoverlapping(block, moved, layout.size().min(bytes));
                    self.dealloc(block, layout);
                }
                moved
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_size_has_room_and_a_list_of_its_own() {
        let mut sizes = std::collections::BTreeMap::new();
        let large = (8..31).flat_map(|n| [(1usize << n) - 1, 1 << n, (1 << n) + 1, (1 << n) + (1 << (n - 1))]);
        for bytes in (1..5_000).chain(large) {
            let (number, size) = class(bytes);
            assert!(number < CLASSES && size >= bytes && size % GRAIN == 0, "{bytes} bytes");
            assert!(bytes <= SMALL || size * 4 <= bytes * 5 + 4, "{bytes} bytes in a block of {size}");
            assert_eq!(*sizes.entry(number).or_insert(size), size, "{bytes} bytes");
        }
        assert!(sizes.iter().zip(sizes.iter().skip(1)).all(|((a, x), (b, y))| a < b && x < y));
    }
}
