//! A place in a normalised text, with what every part of the reader eats from it.

/// What stands between the parts of a list.
pub(super) const LIST: [&str; 8] = ["以及", "、", ",", "/", "和", "及", "与", "&"];

/// What is left to read. Copied to try a reading, assigned back when it fits.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cursor<'a> {
    rest: &'a str,
}

impl<'a> Cursor<'a> {
    pub(super) const fn new(text: &'a str) -> Self {
        Self { rest: text }
    }

    pub(super) const fn is_empty(self) -> bool {
        self.rest.is_empty()
    }

    pub(super) fn peek(self) -> Option<char> {
        self.rest.chars().next()
    }

    pub(super) fn spaces(&mut self) {
        self.rest = self.rest.trim_start_matches(' ');
    }

    /// Eats exactly this word.
    pub(super) fn eat(&mut self, word: &str) -> bool {
        match self.rest.strip_prefix(word) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    /// Eats the first of these words that comes next; a word goes before those it begins with.
    pub(super) fn eat_any(&mut self, words: &[&str]) -> bool {
        words.iter().any(|word| self.eat(word))
    }

    /// As [`Self::eat_any`], telling what the word stands for.
    pub(super) fn eat_named<T: Copy>(&mut self, words: &[(&str, T)]) -> Option<T> {
        words.iter().find(|(word, _)| self.eat(word)).map(|(_, meaning)| *meaning)
    }

    pub(super) fn one_of(&mut self, wanted: impl FnOnce(char) -> bool) -> Option<char> {
        let next = self.peek().filter(|next| wanted(*next))?;
        self.rest = &self.rest[next.len_utf8()..];
        Some(next)
    }

    /// Eats the reading if it succeeds, nothing otherwise.
    pub(super) fn attempt<T>(&mut self, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        let mut ahead = *self;
        let found = read(&mut ahead)?;
        *self = ahead;
        Some(found)
    }

    /// "-", "至", "到" and the like between two ends, with spaces around.
    pub(super) fn dash(&mut self) -> Option<()> {
        self.attempt(|ahead| {
            ahead.spaces();
            let found = ahead.eat_any(&["-至", "-到", "直到", "直至", "-", "至", "到"]);
            // Input methods offer 一 for a dash; between two ends it can be nothing else.
            let found = found
                || ahead
                    .attempt(|ahead| {
                        ahead.eat("一").then_some(())?;
                        ahead.peek().filter(|next| next.is_ascii_digit() || matches!(next, '周' | '星'))
                    })
                    .is_some();
            found.then_some(())?;
            ahead.spaces();
            Some(())
        })
    }

    /// ASCII digits: the number and how many digits it was written with. Longer ones than four digits are none.
    pub(super) fn digits(&mut self) -> Option<(u32, usize)> {
        let width = self.rest.bytes().take_while(u8::is_ascii_digit).count();
        if !(1..=4).contains(&width) {
            return None;
        }
        let (digits, rest) = self.rest.split_at(width);
        let number = digits.parse().ok()?;
        self.rest = rest;
        Some((number, width))
    }

    /// A Chinese number up to 99: `九`, `十`, `十二`, `二十`, `三十五`, `零五`.
    pub(super) fn chinese_number(&mut self) -> Option<u32> {
        self.attempt(|ahead| {
            if ahead.eat("零") {
                return Some(ahead.one_of(|next| chinese_digit(next).is_some()).and_then(chinese_digit).unwrap_or(0));
            }
            let first = ahead.one_of(|next| chinese_digit(next).is_some()).and_then(chinese_digit);
            if !ahead.eat("十") {
                return first;
            }
            let last = ahead.one_of(|next| chinese_digit(next).is_some()).and_then(chinese_digit);
            Some(first.unwrap_or(1) * 10 + last.unwrap_or(0))
        })
    }

    /// A small number in digits or Chinese.
    pub(super) fn number(&mut self) -> Option<u32> {
        self.digits().map(|(number, _)| number).or_else(|| self.chinese_number())
    }
}

/// 1 to 9.
pub(super) fn chinese_digit(character: char) -> Option<u32> {
    "一二三四五六七八九".chars().position(|digit| digit == character).and_then(|place| u32::try_from(place + 1).ok())
}
