//! Where tests find the servers that `cargo xtask check` has started.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "tests take their servers from the environment and say when they skip"
)]

/// The PostgreSQL to test with, or nothing, said aloud, when there is none.
pub fn postgres() -> Option<String> {
    named("QUORATE_TEST_POSTGRES")
}

/// The RabbitMQ to test with, or nothing, said aloud, when there is none.
pub fn amqp() -> Option<String> {
    named("QUORATE_TEST_AMQP")
}

/// A schema name that no other test uses.
pub fn schema(prefix: &str) -> String {
    format!("{prefix}_{}", uuid::Uuid::now_v7().simple())
}

/// An address in front of a server, whose connections a test can cut.
pub struct Front {
    /// The server's address with this front's place in it.
    pub address: String,
    cut: tokio::sync::broadcast::Sender<()>,
}

impl Front {
    /// A front for the server at `address` (`scheme://…@host:port/…`).
    pub async fn new(address: &str) -> Self {
        let uri: http::Uri = address.parse().expect("a test's address is a URI");
        let place = uri.authority().expect("a test's address has a host");
        let server = format!("{}:{}", place.host(), place.port_u16().expect("a test's address has a port"));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let front = listener.local_addr().expect("a listener has an address").to_string();
        let host = address.rsplit_once(&server).map(|(before, after)| format!("{before}{front}{after}"));
        let cut = tokio::sync::broadcast::Sender::new(1);
        let cuts = cut.clone();
        tokio::spawn(async move {
            while let Ok((mut client, _)) = listener.accept().await {
                let (server, mut cut) = (server.clone(), cuts.subscribe());
                tokio::spawn(async move {
                    let Ok(mut server) = tokio::net::TcpStream::connect(server).await else { return };
                    tokio::select! {
                        _ = tokio::io::copy_bidirectional(&mut client, &mut server) => {}
                        _ = cut.recv() => {}
                    }
                });
            }
        });
        Self { address: host.expect("the address names its server"), cut }
    }

    /// Breaks all connections; new ones are accepted.
    pub fn cut(&self) {
        // Nobody connected is no failure.
        let _ = self.cut.send(());
    }
}

fn named(variable: &str) -> Option<String> {
    let found = std::env::var(variable).ok();
    if found.is_none() {
        eprintln!("skipped: {variable} is not set; `cargo xtask check` starts the servers");
    }
    found
}
