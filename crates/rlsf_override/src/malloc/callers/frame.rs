//! A frame's name.

use core::ffi::{c_int, c_void, CStr};
use core::fmt;
use core::mem::MaybeUninit;
use core::ptr::{null_mut, without_provenance, NonNull};
use libc::{c_char, Dl_info};

/// The question for an object's `link_map`, whose first word is by how much the object's addresses
/// are larger than in its file.
const LINK_MAP: c_int = 2;

/// An address of code.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    address: usize,
    /// What the loader knows of it.
    object: Option<Object>,
}

/// The program, or a library.
#[derive(Clone, Copy, Debug)]
struct Object {
    info: Dl_info,
    /// Where it would have to be loaded for the addresses to be those in its file.
    bias: usize,
}

impl Frame {
    pub(super) fn at(address: usize) -> Self {
        let mut info = MaybeUninit::<Dl_info>::zeroed();
        let mut map: *mut c_void = null_mut();
        let place = without_provenance(address);
        // SAFETY: it writes to these two.
        let found = unsafe { libc::dladdr1(place, info.as_mut_ptr(), &raw mut map, LINK_MAP) };
        let object = (found != 0).then(|| Object {
            // SAFETY: pointers, all of which were zero at the least.
            info: unsafe { info.assume_init() },
            // SAFETY: null, or a `link_map`.
            bias: unsafe { map.cast::<usize>().as_ref() }.map_or(0, |bias| *bias),
        });
        Self { address, object }
    }

    /// Whether the two are of one object.
    pub(super) fn is_beside(&self, other: &Self) -> bool {
        let base = |frame: &Self| frame.object.map(|object| object.info.dli_fbase);
        base(self).is_some() && base(self) == base(other)
    }
}

/// The name of the function if the loader knows it; the object's path, and the place in it as
/// `addr2line -e` takes it.
impl fmt::Display for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let address = self.address;
        let Some(Object { info, bias }) = &self.object else {
            return write!(f, "{address:#x}");
        };
        if let Some(name) = text(info.dli_sname) {
            let offset = address.wrapping_sub(info.dli_saddr.addr());
            write!(f, "{}+{offset:#x} ", name.escape_ascii())?;
        }
        let path = text(info.dli_fname).unwrap_or_default().escape_ascii();
        write!(f, "({path}+{:#x})", address.wrapping_sub(*bias))
    }
}

/// A string of the loader's, which stays.
fn text(string: *const c_char) -> Option<&'static [u8]> {
    let string = NonNull::new(string.cast_mut())?;
    // SAFETY: a string.
    Some(unsafe { CStr::from_ptr(string.as_ptr()) }.to_bytes())
}
