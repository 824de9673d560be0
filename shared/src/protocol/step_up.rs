//! A passkey's assertion on its way: kept as the text that it came as, so that reading a request costs no more memory
//! than its bytes.

use crate::limits::STEP_UP_BYTES_MAX;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use serde_json::value::{RawValue, to_raw_value};

/// JSON of at most [`STEP_UP_BYTES_MAX`] bytes, well formed and nothing more.
#[derive(Clone, Debug)]
pub struct StepUp(Box<RawValue>);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the assertion is longer than {STEP_UP_BYTES_MAX} bytes")]
pub struct StepUpTooLong;

impl StepUp {
    /// # Errors
    /// [`StepUpTooLong`]
    pub fn new(assertion: &Value) -> Result<Self, StepUpTooLong> {
        to_raw_value(assertion).map_err(|_| StepUpTooLong).and_then(Self::bounded)
    }
    /// `None` for what nests deeper than a reader goes.
    pub fn read(&self) -> Option<Value> {
        serde_json::from_str(self.0.get()).ok()
    }
    fn bounded(raw: Box<RawValue>) -> Result<Self, StepUpTooLong> {
        if raw.get().len() > STEP_UP_BYTES_MAX { Err(StepUpTooLong) } else { Ok(Self(raw)) }
    }
}

impl PartialEq for StepUp {
    fn eq(&self, other: &Self) -> bool {
        self.0.get() == other.0.get()
    }
}
impl Serialize for StepUp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}
impl<'de> Deserialize<'de> for StepUp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::bounded(Box::<RawValue>::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::IntentUpload;
    use serde_json::json;

    #[test]
    fn the_wire_form_is_plain_json() {
        let assertion = json!({"rawId": "AQ", "response": {"userHandle": null}});
        let upload =
            IntentUpload { envelope: vec![1].into(), step_up: Some(StepUp::new(&assertion).unwrap()) };
        let text = serde_json::to_string(&upload).unwrap();
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap()["step_up"], assertion);
        let back: IntentUpload = serde_json::from_str(&text).unwrap();
        assert_eq!(back, upload);
        assert_eq!(back.step_up.unwrap().read(), Some(assertion));
        let without: IntentUpload = serde_json::from_str(r#"{"envelope":"AQ","step_up":null}"#).unwrap();
        assert_eq!(without.step_up, None);
    }

    #[test]
    fn its_length_is_bounded_when_it_is_read() {
        // Small values would be large in memory: the text is what counts.
        let longest = "1,".repeat(STEP_UP_BYTES_MAX / 2 - 1);
        let of = |text: &str| serde_json::from_str::<StepUp>(text);
        assert!(of(&format!("[{longest}1]")).is_err());
        assert!(of(&format!("[{}]", &longest[..longest.len() - 1])).is_ok());
        assert!(StepUp::new(&json!("x".repeat(STEP_UP_BYTES_MAX))).is_err());
        let error = of(&format!("[{longest}1]")).unwrap_err().to_string();
        assert!(error.starts_with("the assertion is longer"), "{error}");
    }
}
