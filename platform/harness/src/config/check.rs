//! What can be told of the settings before anything is opened: addresses that are none, schemes that nobody speaks.

use super::{ConfigError, Core};

impl Core {
    /// Refuses settings that can't work on any machine.
    pub fn check(&self) -> Result<(), ConfigError> {
        listening("server.listen", &self.server.listen)?;
        for (key, address) in
            [("grpc.regression", &self.grpc.regression), ("grpc.symbolic", &self.grpc.symbolic)]
        {
            // Or where another process has it, or nowhere.
            if address != "off" && !address.contains("://") {
                listening(key, address)?;
            }
        }
        let expected = "sqlite:DIRECTORY or postgres://…";
        scheme("database.url", &self.database.url, &["sqlite", "postgres", "postgresql"], expected)?;
        scheme("bus.url", &self.bus.url, &["memory", "amqp"], "memory: or amqp://…")?;
        for (name, url) in &self.services.urls {
            scheme(&format!("services.urls.{name}"), url, &["http"], "http://host:port")?;
        }
        Ok(())
    }
}

fn listening(key: &str, address: &str) -> Result<(), ConfigError> {
    let parts = address.rsplit_once(':');
    let is_good = parts.is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok());
    if is_good {
        Ok(())
    } else {
        Err(ConfigError::new(key, &format!("'{address}' is no address; give host:port")))
    }
}

/// The value itself is not told: it may hold a password.
fn scheme(key: &str, url: &str, known: &[&str], expected: &str) -> Result<(), ConfigError> {
    let is_good = url.split_once(':').is_some_and(|(scheme, _)| known.contains(&scheme));
    if is_good { Ok(()) } else { Err(ConfigError::new(key, &format!("expected {expected}"))) }
}

#[cfg(test)]
mod tests {
    use super::super::Settings;

    fn told(key: &str, value: &str) -> Option<String> {
        let settings = Settings::load(None, &[(key.to_owned(), value.to_owned())], &[]).unwrap();
        settings.core.check().err().map(|error| error.to_string())
    }

    #[test]
    fn refuses_what_cannot_work_anywhere() {
        assert_eq!(
            told("server.listen", "foo").unwrap(),
            "server.listen: 'foo' is no address; give host:port"
        );
        assert_eq!(
            told("database.url", "mysql://a:secret@b").unwrap(),
            "database.url: expected sqlite:DIRECTORY or postgres://…"
        );
        for (key, value) in [
            ("server.listen", ":5000"),
            ("server.listen", "a:99999"),
            ("grpc.symbolic", "here"),
            ("bus.url", "rabbit"),
            ("services.urls.catalogue", "localhost:5010"),
        ] {
            assert!(told(key, value).unwrap().starts_with(key), "{key} = {value}");
        }
        for (key, value) in [
            ("server.listen", "[::1]:0"),
            ("grpc.symbolic", "off"),
            ("grpc.symbolic", "http://a:1"),
            ("database.url", "postgres://a@b/c"),
            ("services.urls.catalogue", "http://localhost:5010"),
        ] {
            assert_eq!(told(key, value), None, "{key} = {value}");
        }
    }
}
