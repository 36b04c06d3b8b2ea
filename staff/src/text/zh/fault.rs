//! Chinese words for what the server says of a case where a step was not taken.

/// `said` is a field and what is wrong with it, `unit: is missing`, or a sentence of its own.
pub(super) fn fault(said: &str) -> Option<&'static str> {
    Some(match said {
        "event_id: is that of another step" => "这一步和先前送出的对不上，请重新做一次。",
        "unit: is missing" => "请选一个单位。",
        "unit: is not known" => "已经没有这个单位了。",
        "unit: gets no new cases" => "这个单位不再接新案件，请派给别的单位。",
        "unit: has the case already" => "案件已经在这个单位手里。",
        "unit: is not chosen yet: give the case to one first" => "还没有派单，请先派给一个单位。",
        "into: is missing" | "into: is not known" => "要并入的案件不在了，请另选一件。",
        "into: is the case itself" => "案件不能并入它自己。",
        "into: is followed through another itself" => "那一件已经并入别的案件，请并入最后的那一件。",
        "into: is declined" => "那一件没有受理，不能并入。",
        "reason: is missing" => "请选一个原因。",
        "note_public: is missing: the reporter wants to know" => "请写一句给上报人的话。",
        "note_public: or a photo must show what was done: the reporter wants to know" => "照片或说明，至少一样。",
        "note_public: or note_internal or photos must say something" => "请写点什么，或附一张照片。",
        "note_internal: is missing: colleagues want to know why" => "请写明为什么要遮盖。",
        "description: or photos must say what is shown instead" => "还没有改动：请改描述，或处理照片。",
        "photos: names a photo that you have not sent yet"
        | "photos: would show a photo that you have not sent yet" => "有照片不在服务器上，请重新拍或重新涂抹。",
        "photos: names a photo that the case does not have" => "案件的照片已经变了，请关掉表单再打开。",
        "photos: would show a photo that the case has already" => "这张照片案件里已经有了，请重新涂抹。",
        "photos: names a photo twice" | "photos: names the same photo twice" | "photos: would show a photo twice" => {
            "同一张照片用了两次。"
        }
        "step: is not one that says something" => "这一步不用常用答复。",
        "This step is not open to your role." => "您的角色不能做这一步。",
        "There is no such case." | "There is no such case, or it is not yours." => "没有这个案件，或者不归你处理。",
        "Somebody else has changed this case meanwhile. Nothing was changed; look again." => {
            "别人刚动过这个案件，请看最新情况再决定。"
        }
        _ if said.starts_with("step: `") && said.contains("` cannot be done with a case that is `") => {
            "案件的状态已经变了，现在不能做这一步。"
        }
        _ if said.starts_with("state: is `") => "案件现在的状态不能生成链接。",
        _ if said.contains(": is longer than ") => "写得太长了，请短一些。",
        _ if said.starts_with("words: must have ") => "内容要有字，也不能太长。",
        _ if said.contains(": has more than ") => "太多了，请先去掉一些。",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::fault;
    use crate::text::en::TEXT as EN;
    use crate::text::zh::TEXT as ZH;

    #[test]
    fn what_is_said_of_a_step_is_said_in_both_languages() {
        let said = [
            "step: `accept` cannot be done with a case that is `declined`",
            "unit: gets no new cases",
            "into: is declined",
            "note_public: is longer than 1000 characters",
            "This step is not open to your role.",
        ];
        for said in said {
            let in_chinese = (ZH.work.fault)(said).unwrap_or_default();
            assert!(in_chinese.chars().any(|letter| letter > '\u{2e80}'), "{said}: {in_chinese}");
            assert!((EN.work.fault)(said).is_some(), "{said}");
        }
    }

    #[test]
    fn what_is_not_known_is_left_as_it_is() {
        assert_eq!(fault("is missing"), None);
        assert_eq!(fault("phone: is missing"), None);
    }
}
