//! CRC-16 with polynomial 0x1021 and initial value 0xFFFF, unreflected (ISO/IEC 13239; "CCITT-FALSE", "IBM-3740").

pub fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0xFFFF, |crc, byte| {
        (0..8).fold(crc ^ (u16::from(*byte) << 8), |crc, _| {
            if crc & 0x8000 == 0 { crc << 1 } else { (crc << 1) ^ 0x1021 }
        })
    })
}

#[cfg(test)]
mod tests {
    use super::crc16;

    #[test]
    fn known_answers() {
        // The check value of the catalogue of parametrised CRC algorithms.
        assert_eq!(crc16(b"123456789"), 0x29B1);
        assert_eq!(crc16(b""), 0xFFFF);
    }
}
