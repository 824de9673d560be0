//! Compressed twins, beside the file that they are of: `.br` for browsers over HTTPS, `.gz` for all others.

use crate::Failure;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::fs;
use std::io::Write;
use std::num::NonZeroU64;
use std::path::Path;

/// What a browser names in `Accept-Encoding` is a matter of the server; these are the endings that it looks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Twin {
    Brotli,
    Gzip,
}

pub const ALL: [Twin; 2] = [Twin::Brotli, Twin::Gzip];
const ZOPFLI_ITERATIONS: NonZeroU64 = NonZeroU64::new(5).unwrap();
const BROTLI_BEST: i32 = 11;
/// A tenth of the time, and a tenth more.
const BROTLI_QUICK: i32 = 5;
/// What is longer takes seconds at its best.
const LARGE: usize = 1_000_000;
/// The largest window that every browser reads, 16 MiB: more than the app is long.
const BROTLI_WINDOW_BITS: i32 = 24;

impl Twin {
    pub const fn ending(self) -> &'static str {
        match self {
            Self::Brotli => "br",
            Self::Gzip => "gz",
        }
    }

    /// As well as it goes in next to no time.
    pub fn compress(self, bytes: &[u8]) -> Result<Vec<u8>, Failure> {
        match self {
            Self::Brotli => brotli(bytes, if bytes.len() > LARGE { BROTLI_QUICK } else { BROTLI_BEST }),
            Self::Gzip => {
                let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
                encoder.write_all(bytes)?;
                Ok(encoder.finish()?)
            }
        }
    }

    /// Some seconds for a large file, once, for a twentieth less at every first visit.
    fn compress_well(self, bytes: &[u8]) -> Result<Vec<u8>, Failure> {
        match self {
            Self::Brotli => brotli(bytes, BROTLI_BEST),
            Self::Gzip => {
                let options =
                    zopfli::Options { iteration_count: ZOPFLI_ITERATIONS, ..zopfli::Options::default() };
                let mut small = Vec::new();
                zopfli::compress(options, zopfli::Format::Gzip, bytes, &mut small)?;
                Ok(small)
            }
        }
    }
}

/// All twins of a large file, beside it.
pub fn write_well(path: &Path) -> Result<(), Failure> {
    let bytes = fs::read(path)?;
    for twin in ALL {
        fs::write(path.with_added_extension(twin.ending()), twin.compress_well(&bytes)?)?;
    }
    Ok(())
}

fn brotli(mut bytes: &[u8], quality: i32) -> Result<Vec<u8>, Failure> {
    let params = brotli::enc::BrotliEncoderParams {
        quality,
        lgwin: BROTLI_WINDOW_BITS,
        size_hint: bytes.len(),
        ..Default::default()
    };
    let mut small = Vec::new();
    brotli::BrotliCompress(&mut bytes, &mut small, &params)?;
    Ok(small)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    #[test]
    fn each_twin_is_its_file() {
        let text = "every page, every word, every page, every word".repeat(200);
        for compress in [Twin::compress, Twin::compress_well] {
            let mut read = Vec::new();
            let small = compress(Twin::Gzip, text.as_bytes()).unwrap();
            flate2::read::GzDecoder::new(small.as_slice()).read_to_end(&mut read).unwrap();
            assert_eq!(read, text.as_bytes());
            read.clear();
            let small = compress(Twin::Brotli, text.as_bytes()).unwrap();
            brotli::Decompressor::new(small.as_slice(), 4096).read_to_end(&mut read).unwrap();
            assert_eq!(read, text.as_bytes());
        }
    }
}
