//! The one set of icons: 24 by 24, drawn as strokes in the colour of the text beside them.

use crate::markup::{Node, html};
use leptos::prelude::*;

use crate::domain::market::SkillKind;
use crate::domain::station::Facility;

/// A picture that stands beside its word, never instead of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Glyph {
    Station,
    Market,
    Camera,
    Mine,
    More,
    Back,
    Next,
    Navigate,
    Locate,
    Calendar,
    Phone,
    Pin,
    Download,
    List,
    Plot,
    Door,
    Bolt,
    Drop,
    Bowl,
    Scissors,
    Toilet,
    Parcel,
    Scales,
    Bench,
    Oven,
    Cup,
    Book,
    Tools,
    Bed,
    Knife,
    Plug,
    Bag,
    Hand,
    Dot,
}

impl Glyph {
    /// The strokes, as SVG path data.
    const fn path(self) -> &'static str {
        match self {
            Self::Station => "M4 10.5 12 4l8 6.5M6 9v11h12V9M10 20v-6h4v6",
            Self::Market => {
                "M4 9h16l-1.5-5h-13zM4 9a2.7 2.7 0 0 0 5.3 0 2.7 2.7 0 0 0 5.4 0A2.7 2.7 0 0 0 20 9M6 12.5V20h12v-7.5"
            }
            Self::Camera => "M3 8.5h4L8.5 6h7L17 8.5h4V19H3zM12 10a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7",
            Self::Mine => "M5 4h14v16H5zM9 9h6M9 13h6M9 17h3",
            Self::More => {
                "M5 11.2a.8.8 0 1 0 0 1.6.8.8 0 0 0 0-1.6M12 11.2a.8.8 0 1 0 0 1.6.8.8 0 0 0 0-1.6M19 11.2a.8.8 0 1 0 0 1.6.8.8 0 0 0 0-1.6"
            }
            Self::Back => "m14.5 6-6 6 6 6",
            Self::Next => "m9.5 6 6 6-6 6",
            Self::Navigate => "M20 4 4 11l7 2 2 7z",
            Self::Locate => "M12 7a5 5 0 1 0 0 10 5 5 0 0 0 0-10M12 3v4M12 17v4M3 12h4M17 12h4",
            Self::Calendar => "M4 6h16v14H4zM4 10.5h16M8 3.5v4M16 3.5v4",
            Self::Phone => {
                "M6 4h3l1.5 4.5L8.5 10a11 11 0 0 0 5.5 5.5l1.5-2L20 15v3c0 1-1 2-2 2C10.5 20 4 13.5 4 6c0-1 1-2 2-2"
            }
            Self::Pin => "M12 21s7-6.3 7-11.5a7 7 0 1 0-14 0C5 14.7 12 21 12 21M12 7.5a2 2 0 1 0 0 4 2 2 0 0 0 0-4",
            Self::Download => "M12 4v11M7.5 11 12 15.5 16.5 11M4 20h16",
            Self::List => "M9 6h11M9 12h11M9 18h11M4.5 6h.01M4.5 12h.01M4.5 18h.01",
            Self::Plot => "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8M12 12h.01",
            Self::Door => "M6 20V4h12v16M3.5 20h17M14.5 12h.01",
            Self::Bolt => "M13 3 5.5 13.5H11L10 21l8-11h-6z",
            Self::Drop => "M12 3.5c3.5 4.5 6 7.5 6 11a6 6 0 0 1-12 0c0-3.5 2.5-6.5 6-11",
            Self::Bowl => {
                "M3.5 11h17a8.5 7.5 0 0 1-5 7v2h-7v-2a8.5 7.5 0 0 1-5-7M9 7.5c0-1.5 1.5-1.5 1.5-3M13.5 7.5c0-1.5 1.5-1.5 1.5-3"
            }
            Self::Scissors => {
                "M6 4a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5M6 15a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5M8 8l12 9.5M8 16 20 6.5"
            }
            Self::Toilet => "M7.5 5h.01M16.5 5h.01M5 9h5v6H9v5H6v-5H5zM14.5 9h4l1.5 6h-1.5v5h-4v-5H13z",
            Self::Parcel => "M4 7.5 12 4l8 3.5v9L12 20l-8-3.5zM4 7.5l8 3.5 8-3.5M12 11v9",
            Self::Scales => "M12 4v16M7 20h10M5 7h14M5 7l-2.5 6.5h5zM19 7l-2.5 6.5h5z",
            Self::Bench => "M4 10h16M4 14h16M6 14v5M18 14v5M6 6v4M18 6v4M6 6h12",
            Self::Oven => "M3.5 6h17v12h-17zM6.5 9h7.5v6H6.5zM17.5 9.5h.01M17.5 13h.01",
            Self::Cup => "M5 9h12v5a5 5 0 0 1-5 5h-2a5 5 0 0 1-5-5zM17 10.5h1.5a2 2 0 0 1 0 4.5H17M9 6V4M13 6V4",
            Self::Book => "M12 7C10 5.5 7 5 4 5v13c3 0 6 .5 8 2 2-1.5 5-2 8-2V5c-3 0-6 .5-8 2v13",
            Self::Tools => "M14.5 6.5a4 4 0 0 1 5-1l-3 3 1 1 3-3a4 4 0 0 1-5.5 5L8 18.5 5.5 16l7-7a4 4 0 0 1 2-2.5",
            Self::Bed => "M4 18V6M4 15h16M20 18v-5a3 3 0 0 0-3-3H4M7.5 10V8.5H11V10",
            Self::Knife => "M4 20 18.5 5.5c1.5 4-1 8-5 9.5L10 14M4 20l4-4",
            Self::Plug => "M9 3.5v5M15 3.5v5M6.5 8.5h11v3a5.5 5.5 0 0 1-11 0zM12 17v4",
            Self::Bag => "M5 8.5h14L20 20H4zM9 11V7a3 3 0 0 1 6 0v4",
            Self::Hand => "M12 20s-8-4.5-8-10a4 4 0 0 1 8-1.5A4 4 0 0 1 20 10c0 5.5-8 10-8 10",
            Self::Dot => "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8",
        }
    }
}

impl From<Facility> for Glyph {
    fn from(facility: Facility) -> Self {
        match facility {
            Facility::Charging => Self::Bolt,
            Facility::Water => Self::Drop,
            Facility::Meals => Self::Bowl,
            Facility::Haircut => Self::Scissors,
            Facility::Toilet => Self::Toilet,
            Facility::OrderHolding => Self::Parcel,
            Facility::LegalAid => Self::Scales,
            Facility::Rest => Self::Bench,
            Facility::Microwave => Self::Oven,
            Facility::Tea => Self::Cup,
            Facility::Classes => Self::Book,
            Facility::Jobs => Self::Tools,
            Facility::Lodging => Self::Bed,
            Facility::Other => Self::Dot,
        }
    }
}

impl From<SkillKind> for Glyph {
    fn from(kind: SkillKind) -> Self {
        match kind {
            SkillKind::Haircut => Self::Scissors,
            SkillKind::Knives => Self::Knife,
            SkillKind::Appliances => Self::Plug,
            SkillKind::Carrying => Self::Parcel,
            SkillKind::Shopping => Self::Bag,
            SkillKind::HomeVisit => Self::Hand,
            SkillKind::Other => Self::Tools,
        }
    }
}

/// An icon. Hidden from screen readers: the word beside it says the same.
#[component]
pub fn Icon(glyph: Glyph) -> Node {
    html! {
        <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
            <path d=glyph.path() />
        </svg>
    }
}

/// An arrow that points to `bearing` (degrees clockwise from north). It is drawn for a phone held north-up; where the
/// compass is on, the style turns every arrow at once by `--heading` on the root element.
#[component]
pub fn Arrow(bearing: i32) -> Node {
    html! {
        <svg class="icon arrow" viewBox="0 0 24 24" aria-hidden="true">
            <path transform=format!("rotate({bearing} 12 12)") d="M12 20V4.5M6 10.5l6-6 6 6" />
        </svg>
    }
}
