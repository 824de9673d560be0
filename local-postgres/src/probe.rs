//! Whether a PostgreSQL answers on a port: its own protocol, without signing in.
//!
//! Source: PostgreSQL documentation, "Message Formats" (StartupMessage, AuthenticationSASL, ErrorResponse).

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(2);

/// Asks for a connection and looks at the first byte of the answer: `R` wants a password, so it is ready. While
/// it starts up, recovers or shuts down it answers `E`.
pub fn is_ready(port: u16) -> bool {
    answer(port).is_ok_and(|first| first == b'R')
}

fn answer(port: u16) -> std::io::Result<u8> {
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.write_all(&startup_message())?;
    let mut first = [0];
    stream.read_exact(&mut first)?;
    Ok(first[0])
}

/// Length (itself included), protocol 3.0, then names and values, each with a zero at its end.
fn startup_message() -> Vec<u8> {
    let parameters = b"user\0purse\0database\0purse\0\0";
    let length = u32::try_from(4 + 4 + parameters.len()).unwrap_or(0);
    let mut message = length.to_be_bytes().to_vec();
    message.extend(0x0003_0000_u32.to_be_bytes());
    message.extend(parameters);
    message
}

/// Whether a server could listen there now.
pub fn is_free(port: u16) -> bool {
    TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], port))).is_ok()
}

/// One that nobody listens on at this moment.
pub fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0)))?.local_addr()?.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_carries_its_own_length() {
        let message = startup_message();
        assert_eq!(&message[..4], u32::try_from(message.len()).unwrap().to_be_bytes());
        assert_eq!(&message[4..8], [0, 3, 0, 0]);
    }

    #[test]
    fn nobody_there_is_not_ready() {
        assert!(!is_ready(free_port().unwrap()));
    }
}
