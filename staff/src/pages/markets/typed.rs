//! What somebody types of a market.

use waypost_app::domain::geo::Wgs84;
use waypost_app::domain::market::{Skill, SkillKind};
use waypost_app::wire::staff::stations::{Entry, MarketDraft};

use crate::keep::editor::{Typed, Wrong};
use crate::place::{self, Datum};

/// Every kind that can be chosen.
pub(super) const KINDS: [SkillKind; 7] = [
    SkillKind::Haircut,
    SkillKind::Knives,
    SkillKind::Appliances,
    SkillKind::Carrying,
    SkillKind::Shopping,
    SkillKind::HomeVisit,
    SkillKind::Other,
];

/// The code of a kind in a list to choose from.
#[must_use]
pub(super) const fn code(kind: SkillKind) -> &'static str {
    match kind {
        SkillKind::Haircut => "haircut",
        SkillKind::Knives => "knives",
        SkillKind::Appliances => "appliances",
        SkillKind::Carrying => "carrying",
        SkillKind::Shopping => "shopping",
        SkillKind::HomeVisit => "home_visit",
        SkillKind::Other => "other",
    }
}

/// A market as its form holds it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct TypedMarket {
    pub draft: MarketDraft,
    pub position: String,
    pub datum: Datum,
    pub skills: Vec<TypedSkill>,
}

/// A skill as its fields hold it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct TypedSkill {
    pub kind: SkillKind,
    pub name: String,
    pub name_en: String,
    pub person: String,
    pub person_en: String,
    pub from: String,
    pub to: String,
    pub places: String,
}

impl TypedSkill {
    fn of(skill: &Skill) -> Self {
        let number = |number: Option<u16>| number.map(|number| number.to_string()).unwrap_or_default();
        Self {
            kind: skill.kind,
            name: skill.name.clone(),
            name_en: skill.name_en.clone(),
            person: skill.person.clone(),
            person_en: skill.person_en.clone(),
            from: number(skill.from_min),
            to: number(skill.to_min),
            places: number(skill.places),
        }
    }

    fn skill(&self) -> Result<Skill, Wrong> {
        let number = |text: &str| match text.trim() {
            "" => Ok(None),
            text => text.parse().map(Some).map_err(|_| Wrong { field: "skills", words: |t| t.market.number_bad }),
        };
        Ok(Skill {
            kind: self.kind,
            name: self.name.clone(),
            name_en: self.name_en.clone(),
            person: self.person.clone(),
            person_en: self.person_en.clone(),
            from_min: number(&self.from)?,
            to_min: number(&self.to)?,
            places: number(&self.places)?,
        })
    }

    /// Nothing was typed into it.
    fn is_empty(&self) -> bool {
        *self == Self { kind: self.kind, ..Self::default() }
    }
}

impl Typed for TypedMarket {
    type Draft = MarketDraft;

    const PATH: &'static str = "markets";
    const FIELDS: &'static [&'static str] =
        &["name", "hours", "place", "position", "station", "skills", "last", "name_en", "place_en", "last_en", "why"];

    fn of(draft: &MarketDraft) -> Self {
        let is_new = *draft == MarketDraft::default();
        let at = Wgs84 { lat: draft.lat, lng: draft.lng };
        Self {
            position: if is_new { String::new() } else { place::written(at) },
            datum: Datum::Wgs84,
            skills: draft.skills.iter().map(TypedSkill::of).collect(),
            draft: draft.clone(),
        }
    }

    fn draft(&self) -> Result<MarketDraft, Wrong> {
        let wrong = Wrong { field: "position", words: |t| t.station.place_bad };
        let at = place::read(&self.position, self.datum).ok_or(wrong)?;
        let typed = self.skills.iter().filter(|skill| !skill.is_empty());
        let skills = typed.map(TypedSkill::skill).collect::<Result<_, _>>()?;
        Ok(MarketDraft { lat: at.lat, lng: at.lng, skills, ..self.draft.clone() })
    }

    fn entry(draft: MarketDraft) -> Entry {
        Entry::Market(draft)
    }

    fn take(entry: Entry) -> Option<MarketDraft> {
        if let Entry::Market(draft) = entry { Some(draft) } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn market() -> MarketDraft {
        let skill = Skill {
            kind: SkillKind::Knives,
            name: "磨刀".to_owned(),
            person: "老周".to_owned(),
            from_min: Some(0),
            to_min: Some(90),
            places: Some(12),
            ..Skill::default()
        };
        MarketDraft {
            name: "公益市集".to_owned(),
            lat: 30.3,
            lng: 120.1,
            skills: vec![skill],
            ..MarketDraft::default()
        }
    }

    #[test]
    fn a_market_that_nobody_has_touched_is_the_same_after_a_journey_through_the_form() {
        assert_eq!(TypedMarket::of(&market()).draft().expect("a market"), market());
    }

    #[test]
    fn a_skill_into_which_nothing_was_typed_is_none_and_words_are_no_number() {
        let mut typed = TypedMarket::of(&market());
        typed.skills.push(TypedSkill { kind: SkillKind::Haircut, ..TypedSkill::default() });
        assert_eq!(typed.draft().expect("a market").skills.len(), 1);
        typed.skills[0].places = "十二".to_owned();
        assert_eq!(typed.draft().expect_err("no number").field, "skills");
        typed.skills[0].places = String::new();
        assert_eq!(typed.draft().expect("a market").skills[0].places, None);
    }

    #[test]
    fn codes_of_kinds_are_those_on_the_wire() {
        for kind in KINDS {
            assert_eq!(serde_json::to_string(&kind).expect("json"), format!("\"{}\"", code(kind)));
        }
    }
}
