//! A stack: who has popped a value is its only owner.

use crate::stack::{Stack, Stacked};
use crate::sync::{thread, AtomicPtr, Memory};
use core::ptr::{null_mut, NonNull};
use std::sync::Arc;

struct Value {
    next: AtomicPtr<Value>,
    content: Memory,
}

// SAFETY: its own field.
unsafe impl Stacked for Value {
    fn next(&self) -> &AtomicPtr<Self> {
        &self.next
    }
}

impl Value {
    fn new() -> Self {
        Self {
            next: AtomicPtr::new(null_mut()),
            content: Memory::new(0),
        }
    }

    /// Uses the value, which is to be the thread's own.
    fn take(&self) {
        assert_eq!(self.content.replace(1), 0, "it has no other owner");
    }

    fn leave(&self) {
        assert_eq!(self.content.replace(0), 1);
    }
}

struct Scene {
    stack: Stack<Value>,
    values: Vec<Value>,
}

impl Scene {
    fn new(values: usize) -> Arc<Self> {
        let scene = Self {
            stack: Stack::new(),
            values: (0..values).map(|_| Value::new()).collect(),
        };
        let scene = Arc::new(scene);
        for value in &scene.values {
            // SAFETY: in no stack yet, and where it stays.
            unsafe { scene.stack.push(NonNull::from(value)) };
        }
        scene
    }

    fn pop(&self) -> Option<&Value> {
        // SAFETY: the stack has the scene's values.
        let value = unsafe { self.stack.pop()?.as_ref() };
        value.take();
        Some(value)
    }

    fn push(&self, value: &Value) {
        value.leave();
        // SAFETY: just popped.
        unsafe { self.stack.push(NonNull::from(value)) };
    }

    /// What is left when nobody else is there.
    fn rest(&self) -> usize {
        core::iter::from_fn(|| self.pop()).count()
    }
}

/// Threads take values and leave them again.
pub(crate) fn stack(threads: usize, rounds: usize) {
    let scene = Scene::new(2);
    let others: Vec<_> = (0..threads)
        .map(|_| {
            let scene = scene.clone();
            thread::spawn(move || {
                for _ in 0..rounds {
                    if let Some(value) = scene.pop() {
                        scene.push(value);
                    }
                }
            })
        })
        .collect();
    for it in others {
        it.join().unwrap();
    }
    assert_eq!(scene.rest(), 2);
}

/// One thread takes the first value while another takes both and leaves the first one again.
pub(crate) fn stack_in_which_a_value_comes_back() {
    let scene = Scene::new(2);
    let other = scene.clone();
    let other = thread::spawn(move || usize::from(other.pop().is_some()));
    let (first, second) = (scene.pop(), scene.pop());
    let mut kept = usize::from(second.is_some());
    match first {
        Some(first) => scene.push(first),
        None => assert!(second.is_none()),
    }
    kept += other.join().unwrap();
    assert_eq!(kept + scene.rest(), 2);
}
