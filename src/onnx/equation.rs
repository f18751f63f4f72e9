//! The equations of `Einsum`.

use super::proto::Node;

/// The equation of a node, its letters in the order in which they come: two that mean the same read the same. None if
/// the node has another operator, or the equation parts that are left open.
pub(super) fn of(node: &Node) -> Option<String> {
    if !node.is("Einsum") {
        return None;
    }
    let mut seen = Vec::new();
    let mut equation = String::new();
    for letter in node.text("equation").chars().filter(|letter| !letter.is_whitespace()) {
        if !letter.is_alphabetic() {
            equation.push(letter);
            continue;
        }
        let at = seen.iter().position(|&other| other == letter).unwrap_or_else(|| {
            seen.push(letter);
            seen.len() - 1
        });
        equation.push(char::from(b'a' + u8::try_from(at).ok().filter(|&at| at < 26)?));
    }
    (equation.contains("->") && !equation.contains('.')).then_some(equation)
}
