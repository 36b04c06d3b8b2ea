//! English words for what the server says of a case where a step was not taken.

/// `said` is a field and what is wrong with it, `unit: is missing`, or a sentence of its own.
pub(super) fn fault(said: &str) -> Option<&'static str> {
    Some(match said {
        "event_id: is that of another step" => "This step does not match what was sent before. Please take it again.",
        "unit: is missing" => "Please choose a unit.",
        "unit: is not known" => "There is no such unit any more.",
        "unit: gets no new cases" => "This unit gets no new cases. Please choose another one.",
        "unit: has the case already" => "This unit has the case already.",
        "unit: is not chosen yet: give the case to one first" => {
            "Nobody has the case yet. Please give it to a unit first."
        }
        "into: is missing" | "into: is not known" => {
            "The case to merge into is not there any more. Please choose another one."
        }
        "into: is the case itself" => "A case cannot be merged into itself.",
        "into: is followed through another itself" => {
            "That case was merged into another one itself. Please choose that one."
        }
        "into: is declined" => "That case was declined, so nothing can be merged into it.",
        "reason: is missing" => "Please choose a reason.",
        "note_public: is missing: the reporter wants to know" => "Please write a sentence to the reporter.",
        "note_public: or a photo must show what was done: the reporter wants to know" => {
            "A photo or some words are needed."
        }
        "note_public: or note_internal or photos must say something" => "Please write something, or add a photo.",
        "note_internal: is missing: colleagues want to know why" => "Please say why.",
        "description: or photos must say what is shown instead" => {
            "Nothing is changed yet: change the words, or a photo."
        }
        "photos: names a photo that you have not sent yet"
        | "photos: would show a photo that you have not sent yet" => {
            "A photo is not on the server. Please take it or paint it again."
        }
        "photos: names a photo that the case does not have" => {
            "The photos of the case have changed. Please close the form and open it again."
        }
        "photos: would show a photo that the case has already" => {
            "The case has this photo already. Please paint it again."
        }
        "photos: names a photo twice" | "photos: names the same photo twice" | "photos: would show a photo twice" => {
            "A photo is used twice."
        }
        "step: is not one that says something" => "This step has no common answers.",
        "This step is not open to your role." => "Your role may not take this step.",
        "There is no such case." | "There is no such case, or it is not yours." => {
            "There is no such case, or it is not yours."
        }
        "Somebody else has changed this case meanwhile. Nothing was changed; look again." => {
            "Somebody else has just changed this case. Please look again."
        }
        _ if said.starts_with("step: `") && said.contains("` cannot be done with a case that is `") => {
            "The case has moved on, and this step cannot be taken now."
        }
        _ if said.starts_with("state: is `") => "No link can be made for the case as it now is.",
        _ if said.contains(": is longer than ") => "This is too long. Please shorten it.",
        _ if said.starts_with("words: must have ") => "Write something that is not too long.",
        _ if said.contains(": has more than ") => "There are too many. Please take some away first.",
        _ => return None,
    })
}
