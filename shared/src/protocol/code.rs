//! Stable codes. A code is never renamed or given another meaning; newer servers may add some.

use serde::{Deserialize, Serialize};

macro_rules! codes {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $text)] $variant),+ }
        impl $name {
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];
            pub const fn as_str(self) -> &'static str { match self { $(Self::$variant => $text),+ } }
            pub fn from_text(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|code| code.as_str() == text)
            }
        }
    };
}

codes! {
    /// Why an intent was finally refused. Nothing was taken.
    RefusalCode {
        InsufficientFunds = "insufficient_funds",
        UnknownPayee = "unknown_payee",
        UnknownWallet = "unknown_wallet",
        Expired = "expired",
        /// `expires_at` is before `created_at` or more than 30 days after it.
        BadExpiry = "bad_expiry",
        LimitPerPayment = "limit_per_payment",
        LimitPerDay = "limit_per_day",
        LimitPerMonth = "limit_per_month",
        LimitBalance = "limit_balance",
        /// A device is limited for its first day.
        LimitNewDevice = "limit_new_device",
        WalletFrozen = "wallet_frozen",
        PayeeCannotReceive = "payee_cannot_receive",
        DeviceRevoked = "device_revoked",
        /// Two signed orders with one number: the device is stopped.
        DeviceForked = "device_forked",
        /// The same id with other contents.
        Conflict = "conflict",
        ClockSkew = "clock_skew",
        PaymentToSelf = "payment_to_self",
        CurrencyMismatch = "currency_mismatch",
        /// The payee blocked the payer; said as "cannot receive" to people.
        Blocked = "blocked",
        Cancelled = "cancelled",
        /// A cancel for something already decided.
        AlreadyDecided = "already_decided",
        /// The fee is more than was signed.
        FeeChanged = "fee_changed",
        /// No such payment was received by this user.
        UnknownPayment = "unknown_payment",
        /// More than what was paid and not yet returned.
        RefundTooLarge = "refund_too_large",
        /// Not what was quoted to this user.
        UnknownQuote = "unknown_quote",
        QuoteExpired = "quote_expired",
        QuoteUsed = "quote_used",
        UnknownMethod = "unknown_method",
        /// The bank did not take what was withdrawn.
        BankRefused = "bank_refused",
        HoldExpired = "hold_expired",
        /// What was set aside is free again.
        Released = "released",
        /// Its first payment lies in the past or more than a year ahead, or too many schedules run.
        BadSchedule = "bad_schedule",
        /// Not a valid signed intent; never stored.
        Malformed = "malformed",
        BadSignature = "bad_signature",
    }
}

codes! {
    /// Why a request was not carried out (RFC 9457 `code`).
    ProblemCode {
        BadRequest = "bad_request",
        TooLarge = "too_large",
        NotFound = "not_found",
        MethodNotAllowed = "method_not_allowed",
        UnsupportedMediaType = "unsupported_media_type",
        SignInNeeded = "sign_in_needed",
        DeviceRevoked = "device_revoked",
        /// The same account's passkey within the last five minutes is needed.
        PasskeyNeeded = "passkey_needed",
        ForeignOrigin = "foreign_origin",
        HandleTaken = "handle_taken",
        HandleInvalid = "handle_invalid",
        NameInvalid = "name_invalid",
        /// The ceremony is unknown, used or expired: begin again.
        CeremonyExpired = "ceremony_expired",
        PasskeyRefused = "passkey_refused",
        PasskeyUnknown = "passkey_unknown",
        LastPasskey = "last_passkey",
        Conflict = "conflict",
        TooManyRequests = "too_many_requests",
        Busy = "busy",
        UpdateRequired = "update_required",
        UnknownCurrency = "unknown_currency",
        AmountInvalid = "amount_invalid",
        GatewayRefused = "gateway_refused",
        /// There are no rates for it now.
        NoRate = "no_rate",
        /// The user's book has reached its bound; payments go on.
        BookFull = "book_full",
        /// The payment is older than the audit chain.
        NoReceipt = "no_receipt",
        /// It cannot be closed: there is money in it.
        AccountNotEmpty = "account_not_empty",
        /// It cannot be closed: something of it is under way.
        AccountWaits = "account_waits",
        Internal = "internal",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn serde_and_text_agree() {
        for code in RefusalCode::ALL {
            assert_eq!(serde_json::to_string(code).unwrap(), format!("\"{}\"", code.as_str()));
            assert_eq!(RefusalCode::from_text(code.as_str()), Some(*code));
        }
        for code in ProblemCode::ALL {
            assert_eq!(serde_json::to_string(code).unwrap(), format!("\"{}\"", code.as_str()));
        }
    }
}
