//! What two pages share. One part, one class of `components.css`.

mod amount_pad;
mod avatar;
mod banner;
mod brand;
mod button;
mod code;
mod field;
mod frame;
mod icon;
mod link;
mod money_text;
mod more;
mod payment_row;
mod sheet;
mod status;
mod timeline;

pub use amount_pad::AmountPad;
pub use avatar::{Avatar, Badge, Coin, ink};
pub use banner::{Banner, BannerKind};
pub use brand::{Brand, Rosette};
pub use button::{Button, ButtonKind, ButtonLink, IconButton};
pub use code::Code;
pub use field::{Field, use_id};
pub use frame::{BACK_ARROW, EmptyState, Screen, Skeleton, TopBar, use_leave};
pub use icon::{Icon, IconSvg};
pub use link::PageLink;
pub use money_text::{Direction, MoneySize, MoneyState, MoneyText};
pub use more::More;
pub use payment_row::{PaymentRow, direction, kind_icon, money_state, state_name};
pub use sheet::Sheet;
pub use status::{Mark, MarkSvg, Pill, StatusPill};
pub use timeline::{StepState, Timeline, TimelineStep};
