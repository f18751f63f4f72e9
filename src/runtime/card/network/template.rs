//! Text that is repeated and filled in: how a kernel gets its sizes.
//!
//! Sums must be in registers, so loops over them must be gone before a driver sees them: `override` constants can't do that,
//! and whether a driver unrolls a loop, and keeps an array in registers then, is not known. So a kernel is text, in which
//! - `$(EXPRESSION)` stands for a whole number: names, numbers, `+ - * / %` and parentheses;
//! - lines between `//each NAME EXPRESSION` and `//end` are repeated with the name going from 0 up to the expression; nested
//!   as one likes. None are left when it is 0, which makes a condition of a name that is 0 or 1.

use std::collections::BTreeMap;

/// Why a text could not be filled in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// An `//each` without an `//end`, or an `//end` too many.
    #[error("line {0}: each //each wants one //end")]
    Unbalanced(usize),
    /// An `//each` that does not name what goes up.
    #[error("line {0}: wanted //each NAME EXPRESSION")]
    Nameless(usize),
    /// A `$(` without its end.
    #[error("line {0}: $( without its )")]
    Open(usize),
    /// What is no expression, or names what nobody set, or divides by zero.
    #[error("{0:?} is no number")]
    Expression(String),
}

/// The whole numbers that a text may name.
pub type Names = BTreeMap<String, u32>;

/// Fills in `text`.
///
/// # Errors
/// [`TemplateError`].
pub fn expand(text: &str, names: &Names) -> Result<String, TemplateError> {
    let lines: Vec<&str> = text.lines().collect();
    let mut filled = String::with_capacity(text.len() * 4);
    block(&lines, 0, names, &mut filled)?;
    Ok(filled)
}

/// Fills in `lines`, the first of which is number `start` of the text, counted from 0.
fn block(lines: &[&str], start: usize, names: &Names, filled: &mut String) -> Result<(), TemplateError> {
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        let number = start + at + 1;
        if let Some(head) = line.trim_start().strip_prefix("//each ") {
            let (name, expression) = head.split_once(' ').ok_or(TemplateError::Nameless(number))?;
            let rest = lines.get(at + 1..).unwrap_or_default();
            let length = length_to_end(rest).ok_or(TemplateError::Unbalanced(number))?;
            let mut inner = names.clone();
            for value in 0..evaluate(expression, names)? {
                inner.insert(name.to_owned(), value);
                block(rest.get(..length).unwrap_or_default(), start + at + 1, &inner, filled)?;
            }
            at += length + 2;
        } else if line.trim() == "//end" {
            return Err(TemplateError::Unbalanced(number));
        } else {
            fill(line, number, names, filled)?;
            filled.push('\n');
            at += 1;
        }
    }
    Ok(())
}

/// How many lines come before the `//end` that closes what was opened before `lines`.
fn length_to_end(lines: &[&str]) -> Option<usize> {
    let mut depth = 1_usize;
    lines.iter().position(|line| {
        match line.trim() {
            "//end" => depth -= 1,
            line if line.starts_with("//each ") => depth += 1,
            _ => {}
        }
        depth == 0
    })
}

fn fill(line: &str, number: usize, names: &Names, filled: &mut String) -> Result<(), TemplateError> {
    let mut rest = line;
    while let Some((before, after)) = rest.split_once("$(") {
        let mut depth = 1_i32;
        let end = after.find(|letter| {
            depth += i32::from(letter == '(') - i32::from(letter == ')');
            depth == 0
        });
        let end = end.ok_or(TemplateError::Open(number))?;
        let (expression, remaining) = after.split_at(end);
        filled.push_str(before);
        filled.push_str(&evaluate(expression, names)?.to_string());
        rest = remaining.get(1..).unwrap_or_default();
    }
    filled.push_str(rest);
    Ok(())
}

/// The value of an expression.
fn evaluate(expression: &str, names: &Names) -> Result<u32, TemplateError> {
    let mut reader = Reader { rest: expression, names };
    let value = reader.sum().filter(|_| reader.rest.trim().is_empty());
    value.ok_or_else(|| TemplateError::Expression(expression.to_owned()))
}

/// Reads an expression from its front; `None` where it is none.
struct Reader<'a> {
    rest: &'a str,
    names: &'a Names,
}

impl Reader<'_> {
    fn sum(&mut self) -> Option<u32> {
        let mut value = self.product()?;
        while let Some(sign) = self.take(&['+', '-']) {
            let other = self.product()?;
            value = if sign == '+' { value.checked_add(other) } else { value.checked_sub(other) }?;
        }
        Some(value)
    }

    fn product(&mut self) -> Option<u32> {
        let mut value = self.atom()?;
        while let Some(sign) = self.take(&['*', '/', '%']) {
            let other = self.atom()?;
            value = match sign {
                '*' => value.checked_mul(other),
                '/' => value.checked_div(other),
                _ => value.checked_rem(other),
            }?;
        }
        Some(value)
    }

    fn atom(&mut self) -> Option<u32> {
        if self.take(&['(']).is_some() {
            let value = self.sum()?;
            return self.take(&[')']).map(|_| value);
        }
        self.rest = self.rest.trim_start();
        let end = self.rest.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
        let (word, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        self.rest = rest;
        word.parse().ok().or_else(|| self.names.get(word).copied())
    }

    fn take(&mut self, signs: &[char]) -> Option<char> {
        let sign = self.rest.trim_start().chars().next().filter(|sign| signs.contains(sign))?;
        self.rest = self.rest.trim_start().strip_prefix(sign)?;
        Some(sign)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Names {
        [("ROWS", 2), ("OFF", 0)].map(|(name, value)| (name.to_owned(), value)).into()
    }

    fn check(text: &str, expected: Result<&str, TemplateError>) {
        assert_eq!(expand(text, &names()), expected.map(str::to_owned), "{text}");
    }

    #[test]
    fn products_come_before_sums() {
        check("$(1 + 2 * ROWS)", Ok("5\n"));
        check("$((1 + 2) * ROWS)u, $(7 / 2 % 2)", Ok("6u, 1\n"));
        check("$(10 - 2 - 3)", Ok("5\n"));
    }

    #[test]
    fn lines_are_repeated_within_each_other() {
        check("a\n  //each r ROWS\n//each c r + 1\n$(r)$(c)\n//end\n//end\nb", Ok("a\n00\n10\n11\nb\n"));
    }

    #[test]
    fn nothing_is_left_of_what_is_off() {
        check("//each _ OFF\n$(UNHEARD_OF)\n//end\nrest", Ok("rest\n"));
    }

    #[test]
    fn mistakes_are_told_with_their_place() {
        check("a\n//each r 2\n", Err(TemplateError::Unbalanced(2)));
        check("//end", Err(TemplateError::Unbalanced(1)));
        check("//each r", Err(TemplateError::Nameless(1)));
        check("a\n$(1", Err(TemplateError::Open(2)));
        for wrong in ["OTHER", "1 +", "1 2", "1 - 2", "3 / OFF", ""] {
            check(&format!("$({wrong})"), Err(TemplateError::Expression(wrong.to_owned())));
        }
    }
}
