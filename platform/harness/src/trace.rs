//! The trace that the present task belongs to: from a request through the jobs that it orders to the events they tell.

use uuid::Uuid;

tokio::task_local! {
    static PRESENT: Trace;
}

/// The identity of a request in logs, jobs, events and problems: 32 hexadecimal digits (W3C Trace Context).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace(String);

impl Trace {
    /// A trace that begins here.
    pub(crate) fn begin() -> Self {
        Self(Uuid::now_v7().simple().to_string())
    }

    /// The trace of a `traceparent: 00-<trace id>-<span id>-<flags>`.
    pub fn of_parent(parent: &str) -> Option<Self> {
        let id = parent.split('-').nth(1)?;
        let is_valid =
            id.len() == 32 && id.bytes().all(|b| b.is_ascii_hexdigit()) && id.bytes().any(|b| b != b'0');
        is_valid.then(|| Self(id.to_ascii_lowercase()))
    }

    /// The trace of the task that asks, if it has one.
    pub fn present() -> Option<Self> {
        PRESENT.try_with(Clone::clone).ok()
    }

    /// What `work` orders and tells belongs to this trace.
    pub async fn lead<T>(self, work: impl Future<Output = T>) -> T {
        PRESENT.scope(self, work).await
    }

    /// As a `traceparent`.
    pub fn as_parent(&self) -> String {
        // There are no spans of their own here; any number but zero will do.
        let span = if self.0.starts_with("0000000000000000") { &self.0[16..] } else { &self.0[..16] };
        format!("00-{}-{span}-01", self.0)
    }

    /// The digits.
    pub fn id(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn belongs_to_the_task_and_to_what_it_waits_for() {
        assert_eq!(Trace::present(), None);
        let trace = Trace::begin();
        let seen = trace.clone().lead(async { Trace::present() }).await;
        assert_eq!(seen, Some(trace));
    }

    #[test]
    fn is_read_back_from_its_parent_form() {
        for id in ["0123456789abcdef0123456789abcdef", "0000000000000000000000000000000a"] {
            let trace = Trace::of_parent(&format!("00-{id}-1111111111111111-01")).unwrap();
            assert_eq!(trace.id(), id);
            assert_eq!(Trace::of_parent(&trace.as_parent()), Some(trace));
        }
        assert_eq!(Trace::of_parent("00-00000000000000000000000000000000-1-01"), None);
        assert_eq!(Trace::of_parent("nonsense"), None);
    }
}
