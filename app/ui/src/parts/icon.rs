//! Line icons on a 24 grid, drawn in the colour of the text around them. Decoration: always hidden from
//! screen readers; a control with an icon alone has a label.

use dioxus::prelude::*;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Icon {
    Home,
    List,
    Out,
    In,
    Swap,
    Plus,
    Bank,
    People,
    Bell,
    Gear,
    Search,
    Back,
    Next,
    Close,
    Check,
    Passkey,
    Lock,
    Phone,
    Laptop,
    Pen,
    Receipt,
    Offline,
    Clock,
    Copy,
    Erase,
    Key,
    Eye,
    Info,
    Warn,
    Retry,
    Down,
    Download,
    Upload,
    Exit,
    Star,
    Flag,
    Block,
    Trash,
    EyeOff,
    Code,
}

impl Icon {
    fn path(self) -> &'static str {
        match self {
            Self::Home => "M4 10.5 12 4l8 6.5V19a1 1 0 0 1-1 1h-4.5v-6h-5v6H5a1 1 0 0 1-1-1z",
            Self::List => "M5 6.5h14M5 12h14M5 17.5h8",
            Self::Out => "M7 17 17 7M8.5 7H17v8.5",
            Self::In => "M17 7 7 17M7 8.5V17h8.5",
            Self::Swap => "M4 9h15l-4-4M20 15H5l4 4",
            Self::Plus => "M12 5v14M5 12h14",
            Self::Bank => "M4 9.5 12 5l8 4.5zM6.5 10v7M12 10v7M17.5 10v7M4 19.5h16",
            Self::People => {
                "M9 11.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM2.8 19.5c.4-3.2 3-5.3 6.2-5.3s5.8 2.1 6.2 5.3M16 4.8a3.4 3.4 0 0 1 0 6.4M18 14.7c1.8.8 3 2.5 3.2 4.8"
            }
            Self::Bell => "M6 16.5V11a6 6 0 0 1 12 0v5.5l1.5 1.5h-15zM10 21h4",
            Self::Gear => {
                "M4 7h8M18 7h2M4 17h2M12 17h8M15 9.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM9 19.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5z"
            }
            Self::Search => "M11 17.5a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13zM16 16l4.5 4.5",
            Self::Back => "M14.5 5l-7 7 7 7",
            Self::Next => "M9.5 5.5l6.5 6.5-6.5 6.5",
            Self::Close => "M6 6l12 12M18 6 6 18",
            Self::Check => "M5 12.5l4.5 4.5L19 7.5",
            Self::Passkey => {
                "M9.5 11.5a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM2.5 20c.3-3.6 3.2-6 7-6 1 0 2 .2 2.8.5M17.5 15.8a2.6 2.6 0 1 0 0-5.2 2.6 2.6 0 0 0 0 5.2zM17.5 15.8V21l2-1.5M17.5 18.2l1.6-.9"
            }
            Self::Lock => {
                "M7 10.5h10a2 2 0 0 1 2 2V18a2 2 0 0 1-2 2H7a2 2 0 0 1-2-2v-5.5a2 2 0 0 1 2-2zM8 10.5V8a4 4 0 0 1 8 0v2.5"
            }
            Self::Phone => {
                "M8.5 3h7a2 2 0 0 1 2 2v14a2 2 0 0 1-2 2h-7a2 2 0 0 1-2-2V5a2 2 0 0 1 2-2zM11 18h2"
            }
            Self::Laptop => "M6 5h12a1 1 0 0 1 1 1v9H5V6a1 1 0 0 1 1-1zM2.5 18.5h19",
            Self::Pen => "M4.5 19.5h4L19 9l-4-4L4.5 15.5zM13 7l4 4",
            Self::Receipt => "M6 3.5h12v17l-3-2-3 2-3-2-3 2zM9.5 8.5h5M9.5 12.5h5",
            Self::Offline => {
                "M5 10.5a10.3 10.3 0 0 1 14 0M8.3 14.2a5.4 5.4 0 0 1 7.4 0M12 18.2h.01M4.5 4l15 16"
            }
            Self::Clock => "M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17zM12 7.5V12l3 2",
            Self::Copy => {
                "M10 9h9a1 1 0 0 1 1 1v9a1 1 0 0 1-1 1h-9a1 1 0 0 1-1-1v-9a1 1 0 0 1 1-1zM5 15a1 1 0 0 1-1-1V5a1 1 0 0 1 1-1h9a1 1 0 0 1 1 1"
            }
            Self::Erase => "M9 5.5h10.5a1 1 0 0 1 1 1v11a1 1 0 0 1-1 1H9L3 12zM12 9.5l5 5M17 9.5l-5 5",
            Self::Key => "M8 19.5a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM11 12.5 19.5 4M15.5 8l3 3",
            Self::Eye => {
                "M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12zM12 14.8a2.8 2.8 0 1 0 0-5.6 2.8 2.8 0 0 0 0 5.6z"
            }
            Self::Info => "M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17zM12 11v5M12 8h.01",
            Self::Warn => "M12 4 21 19.5H3zM12 10v4.5M12 17h.01",
            Self::Retry => "M19 12a7 7 0 1 1-2-5l2.5 2.5M19.5 4.5v5h-5",
            Self::Down => "M6.5 9.5 12 15l5.5-5.5",
            Self::Download => "M12 4v11M8 11.5 12 15l4-3.5M5 19.5h14",
            Self::Upload => "M12 15V4M8 7.5 12 4l4 3.5M5 19.5h14",
            Self::Exit => "M10 4.5H6a1 1 0 0 0-1 1v13a1 1 0 0 0 1 1h4M10 12h10M16.5 8.5 20 12l-3.5 3.5",
            Self::Star => "M12 4l2.4 5 5.6.7-4.1 3.8 1.1 5.5L12 16.3 7 19l1.1-5.5L4 9.7 9.6 9z",
            Self::Flag => "M6 21V4.5h11l-2 4 2 4H6",
            Self::Block => "M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17zM6 6l12 12",
            Self::Trash => "M5 7h14M9.5 7V4.5h5V7M7 7l.8 12.5h8.4L17 7M10.5 10.5v5.5M13.5 10.5v5.5",
            Self::Code => {
                "M4.5 4.5h5v5h-5zM14.5 4.5h5v5h-5zM4.5 14.5h5v5h-5zM14.5 14.5h2v2h-2zM19.5 14.5v1.5M19.5 19.5h-2v-1M14.5 19.5h.01"
            }
            Self::EyeOff => {
                "M5 5l14 14M9.5 6a9.6 9.6 0 0 1 2.5-.4c6 0 9.5 6.4 9.5 6.4a15 15 0 0 1-3 3.6M6.2 8A14.6 14.6 0 0 0 2.5 12S6 18.5 12 18.5c1.3 0 2.5-.3 3.6-.8M10 10a2.8 2.8 0 0 0 4 4"
            }
        }
    }
    /// Arrows of direction turn round where people read from the right.
    fn flips(self) -> bool {
        matches!(self, Self::Back | Self::Next)
    }
}

/// 1.5 rem as it stands; `size: "s"` is 1.25 rem, `size: "xs"` 1 rem.
#[component]
pub fn IconSvg(icon: Icon, #[props(default)] size: &'static str) -> Element {
    let size = match size {
        "" => String::new(),
        size => format!(" Icon--{size}"),
    };
    let flip = if icon.flips() { " Icon--flip" } else { "" };
    rsx! {
        svg { class: "Icon{size}{flip}", view_box: "0 0 24 24", "aria-hidden": "true",
            path { d: icon.path() }
        }
    }
}
