//! What all elements have in common: who they are and whether they are in service.

/// An element of the network.
pub trait Element {
    /// The collection of the model it belongs to, such as `lines`.
    const KIND: &'static str;

    /// The identity, unique in the model.
    fn id(&self) -> &str;
    /// The name people use; the id where there is none.
    fn name(&self) -> &str;
    /// The master resource identifier of CIM, where the source has one.
    fn mrid(&self) -> Option<&str>;
    /// Whether it is in service in the model as it stands; see [`View`](crate::View) for other states.
    fn in_service(&self) -> bool;
    /// The ids of the buses it is connected to, in the order of its terminals.
    fn buses(&self) -> Vec<&str>;
    /// Whether the breaker of a terminal is closed in the model as it stands.
    fn is_closed(&self, _terminal: usize) -> bool {
        true
    }
}

/// Implements [`Element`] for a type with `id`, `name`, `mrid` and `in_service`.
macro_rules! element {
    ($type:ty, $kind:literal, |$this:ident| $buses:expr $(, closed |$that:ident, $terminal:ident| $closed:expr)?) => {
        impl $crate::Element for $type {
            const KIND: &'static str = $kind;

            fn id(&self) -> &str {
                &self.id
            }

            fn name(&self) -> &str {
                self.name.as_deref().unwrap_or(&self.id)
            }

            fn mrid(&self) -> Option<&str> {
                self.mrid.as_deref()
            }

            fn in_service(&self) -> bool {
                self.in_service
            }

            fn buses(&self) -> Vec<&str> {
                let $this = self;
                $buses
            }

            $(fn is_closed(&self, $terminal: usize) -> bool {
                let $that = self;
                $closed
            })?
        }
    };
}

pub(crate) use element;

/// The default of what is true unless said otherwise.
pub(crate) fn yes() -> bool {
    true
}

/// Whether a value is the default of [`yes`] and is left out of the file.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
pub(crate) fn is_yes(value: &bool) -> bool {
    *value
}

/// Whether a value is false and is left out of the file.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
pub(crate) fn is_no(value: &bool) -> bool {
    !*value
}
