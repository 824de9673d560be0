//! What letting another device in says, on both sides. What a request claims is always said as its claim.

use purse_bridge::{Act, DeviceKind, LinkState, VisitWhat};

// The page that an app's link opens.

pub const ASKED: &str = "A request";
pub const LET_IN: &str = "Let an app in";
pub const CONFIRM: &str = "Confirm with your passkey";

/// `kind` as a thing: "A desktop app that calls itself".
pub const fn claims(kind: DeviceKind) -> &'static str {
    match kind {
        DeviceKind::Desktop => "A desktop app that calls itself",
        DeviceKind::Phone => "A phone that calls itself",
        DeviceKind::Browser => "A browser that calls itself",
    }
}
pub const WANTS_IN: &str = "asks to be let into your wallet.";
pub const WANTS_APPROVAL: &str = "asks you to approve:";
pub const WANTS_PASSKEY: &str = "asks for your passkey, to";
pub const fn act(act: Act) -> &'static str {
    match act {
        Act::AddPasskey => "add a passkey to your wallet",
        Act::AddDevice => "let another device into your wallet",
        Act::RemovePasskey => "remove a passkey from your wallet",
        Act::RemoveDevice => "remove a device from your wallet",
        Act::MakeRecoveryCode => "make a new recovery code",
        Act::CloseAccount => "close your account for good",
    }
}
pub const ONLY_IF_YOU: &str = "Only go on if you started this on this device just now";
pub const NEVER_SENT: &str =
    "Nobody at Purse sends such a link. If you came here by a message or another page, say no.";
pub const WHAT_IT_CAN: &str =
    "It can then see your wallet and pay, with low limits on its first day. You can remove it at any time.";
pub const ANSWER_TO: &str = "The answer goes to";
/// A computer or a phone: whatever the browser is on.
pub const THIS_DEVICE: &str = "this device only";
pub const YOUR_WALLET: &str = "Your wallet";
pub const FIGURES: &str = "Figures to compare";
pub const YES_LET_IN: &str = "Let it in with passkey";
pub const YES_CONFIRM: &str = "Confirm with passkey";
pub const NO: &str = "No, I did not start this";
pub const SOMEBODY_ELSES: &str = "This app belongs to another wallet";
pub const SOMEBODY_ELSES_WHY: &str =
    "It is not yours to answer here. Sign out first, or open the link where its owner is signed in.";

pub const NOTHING_ASKED: &str = "This link asks for nothing";
pub const NOTHING_ASKED_WHY: &str =
    "It is not a request of Purse, or a part of it is missing. Go back to the app and begin again there.";
pub const ELSEWHERE: &str = "Another tab took over";
pub const ELSEWHERE_WHY: &str = "Another tab of this browser shows a request of its own.";
pub const LOOK_AGAIN: &str = "Show this one";
pub const CARRIED: &str = "This cannot be approved by a link";
pub const CARRIED_WHY: &str = "A device that you have at hand is let in from one that is signed in: open Settings, Devices, Add a device, and type the code that the new one shows.";

pub const FIRST_SIGN_IN: &str = "Sign in first";
pub const FIRST_SIGN_IN_WHY: &str = "Then you are asked whether the app may use your wallet.";
pub const SIGN_IN: &str = "Sign in with a passkey";
pub const CREATE: &str = "Create a wallet";

pub const ANSWERED: &str = "Go back to Purse";
pub const ANSWERED_YES: &str = "Your answer is on its way to the app. You can close this page.";
pub const ANSWERED_NO: &str = "You said no. Nothing was approved. You can close this page.";
pub const GO_BACK: &str = "Back to the app";

// The app that waits.

pub const VISIT: &str = "Go on in your browser";
pub const fn visit(what: VisitWhat) -> &'static str {
    match what {
        VisitWhat::LetIn => {
            "Purse has opened in your browser, where your passkey is. Say yes there, and come back."
        }
        VisitWhat::Approve => "Purse asks for your passkey in your browser. Compare there what you ordered.",
        VisitWhat::Confirm => "Purse asks for your passkey in your browser.",
    }
}
pub const OPEN_AGAIN: &str = "Open the browser again";
pub const STOP: &str = "Cancel";
pub const COPY: &str = "Copy the address";
pub const COPIED: &str = "The address is copied.";
pub const NOT_COPIED: &str = "The address could not be copied here.";

// Another machine: the one that is signed in.

pub const ADD: &str = "Add a device";
pub const ADD_HOW: &str = "On the new device open Purse and choose “Use another device”. Type the code that it shows, or scan its picture.";
pub const ADD_CODE: &str = "Code on the new device";
pub const ADD_CODE_HINT: &str = "Eight letters and digits.";
pub const ADD_UNKNOWN: &str = "No device asks under this code. Check it, or make a new one there.";
pub const ADD_FIND: &str = "Find the device";
pub const ADD_SCAN: &str = "Scan its picture";
pub const ADD_TYPE: &str = "Type the code instead";
pub const COMPARE: &str = "Compare these figures";
pub const COMPARE_WHY: &str =
    "The new device must show the same. If it does not, or if it is not in front of you, say no.";
pub const ADD_NO: &str = "No, it is not mine";
pub const TYPE_THERE: &str = "Type this on the new device";
pub const TYPE_THERE_WHY: &str =
    "It lets that device in once, within ten minutes. Tell it to nobody: nobody at Purse asks for it.";
pub const DONE: &str = "Done";
pub const REFUSED: &str = "The device was not let in";
pub const REFUSED_WHY: &str = "Nothing was changed.";

// Another machine: the new one.

pub const JOIN: &str = "Use another device";
pub const JOIN_HOW: &str = "On a device that is signed in open Settings, Devices, Add a device. Scan this picture there, or type the code.";
pub const JOIN_PICTURE: &str = "Picture for the other device to scan";
pub const JOIN_CODE: &str = "Code for the other device";
pub const JOIN_COMPARE: &str = "It shows these figures too";
pub const JOIN_ANSWER: &str = "Code from the other device";
pub const JOIN_ANSWER_HINT: &str = "Seven groups of four letters and digits.";
pub const JOIN_WRONG: &str = "This code does not let this device in. Check each group of four.";
pub const JOIN_ENTER: &str = "Open my wallet";
pub const JOIN_OVER: &str = "This code is over. Make a new one.";
pub const JOIN_AGAIN: &str = "Make a new code";
pub const JOIN_OFFLINE: &str = "This needs a network once. Paying does not.";

// The list of devices.

pub const STEPS: &str = "Let in and refused";
pub const fn state(state: LinkState) -> &'static str {
    match state {
        LinkState::Pending => "Approved, not in yet",
        LinkState::LetIn => "Let in",
        LinkState::Refused => "Refused",
    }
}
pub fn by(name: Option<&str>) -> String {
    name.map_or_else(|| "by a device that is gone".to_owned(), |name| format!("by {name}"))
}
pub const TAKE_BACK: &str = "Take it back";
pub const LET_IN_BY: &str = "Let in by";
