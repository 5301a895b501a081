//! Threads that end for ever between putting a block into a list and linking it.

use crate::link::Link;
use core::cell::RefCell;
use core::ptr::NonNull;

thread_local! {
    /// The links that are never written; all threads of a model are one of the system's.
    static GONE: RefCell<Vec<NonNull<Link>>> = const { RefCell::new(Vec::new()) };
}

/// From now on, who puts this block into a list is gone before it is linked; those of before are
/// forgotten if it is the first of a scene.
pub(super) fn set_gone(links: &[NonNull<Link>]) {
    GONE.with_borrow_mut(|gone| {
        gone.clear();
        gone.extend_from_slice(links);
    });
}

/// Whether who is to write a link is gone.
pub(crate) fn is_gone(link: *const Link) -> bool {
    GONE.with_borrow(|gone| gone.iter().any(|it| it.as_ptr().cast_const() == link))
}
