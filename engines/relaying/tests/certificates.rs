//! The checker accepts what the search proves and refuses what was changed.

#[path = "certificates/tally.rs"]
mod certificates;

#[test]
fn accepts_every_certificate_and_refuses_each_that_was_tampered_with() {
    let (accepted, refused) = certificates::tally();
    assert!(accepted >= 48, "only {accepted} certificates");
    assert!(refused >= 100, "only {refused} tampered certificates");
}
