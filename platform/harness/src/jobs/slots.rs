//! Where the jobs of a process run: a slot for the work of each, and a place for its way to the end.
//!
//! A job that has done its work waits for the disk only. Its slot is free for another meanwhile, but there are places for
//! only a few times as many, so that a slow disk stops the claims.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How many places there are per slot.
const PLACES: usize = 4;

pub(super) struct Slots {
    work: Arc<Semaphore>,
    places: Arc<Semaphore>,
}

/// A taken slot with its place; dropped, both are free.
pub(super) struct Slot {
    work: Option<OwnedSemaphorePermit>,
    _place: OwnedSemaphorePermit,
}

impl Slots {
    pub(super) fn new(count: usize) -> Self {
        Self {
            work: Arc::new(Semaphore::new(count)),
            places: Arc::new(Semaphore::new(count.saturating_mul(PLACES))),
        }
    }

    /// How many jobs may begin now.
    pub(super) fn free(&self) -> usize {
        self.work.available_permits().min(self.places.available_permits())
    }

    pub(super) async fn until_one_is_free(&self) {
        let _both = (self.places.acquire().await, self.work.acquire().await);
    }

    pub(super) fn take(&self) -> Option<Slot> {
        let place = self.places.clone().try_acquire_owned().ok()?;
        let work = self.work.clone().try_acquire_owned().ok()?;
        Some(Slot { work: Some(work), _place: place })
    }
}

impl Slot {
    /// The work is over; its end remains to be written.
    pub(super) fn end_work(&mut self) {
        self.work = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_that_is_over_makes_room_for_other_work_but_not_for_ever() {
        let slots = Slots::new(2);
        let mut ending: Vec<Slot> = Vec::new();
        while let Some(mut slot) = slots.take() {
            slot.end_work();
            ending.push(slot);
        }
        assert_eq!((ending.len(), slots.free()), (2 * PLACES, 0));
        ending.pop();
        assert_eq!(slots.free(), 1);
    }

    #[test]
    fn no_more_work_than_slots() {
        let slots = Slots::new(2);
        let taken = [slots.take(), slots.take(), slots.take()];
        assert_eq!(taken.iter().flatten().count(), 2);
    }
}
