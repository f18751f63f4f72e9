//! Whole numbers of which one factor may not be known yet.

/// Stands for an extent that a caller chooses at each run, such as the number of rows. At least 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Symbol(pub u16);

/// `factor`, or `factor` times a symbol. Enough for what graphs do with shapes; what it cannot hold is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Amount {
    /// The known part.
    pub factor: i64,
    /// The other part. Never there if the factor is 0.
    pub symbol: Option<Symbol>,
}

impl Amount {
    /// A known number.
    pub const fn known(factor: i64) -> Self {
        Self { factor, symbol: None }
    }

    /// A number that is not known.
    pub const fn open(symbol: Symbol) -> Self {
        Self { factor: 1, symbol: Some(symbol) }
    }

    /// The number itself, if it is known.
    pub const fn plain(self) -> Option<i64> {
        if self.symbol.is_none() { Some(self.factor) } else { None }
    }

    fn new(factor: i64, symbol: Option<Symbol>) -> Self {
        Self { factor, symbol: symbol.filter(|_| factor != 0) }
    }

    /// The sum.
    pub fn plus(self, other: Self) -> Option<Self> {
        let symbol = match (self.factor, other.factor) {
            (_, 0) => self.symbol,
            (0, _) => other.symbol,
            _ if self.symbol == other.symbol => self.symbol,
            _ => return None,
        };
        Some(Self::new(self.factor.checked_add(other.factor)?, symbol))
    }

    /// The number with the other sign.
    pub fn negated(self) -> Option<Self> {
        Some(Self::new(self.factor.checked_neg()?, self.symbol))
    }

    /// The product.
    pub fn times(self, other: Self) -> Option<Self> {
        let symbol = match (self.symbol, other.symbol) {
            (Some(_), Some(_)) => return None,
            (one, other) => one.or(other),
        };
        Some(Self::new(self.factor.checked_mul(other.factor)?, symbol))
    }

    /// The quotient, cut towards zero as ONNX does with integers; with a symbol only if nothing is cut.
    pub fn over(self, other: Self) -> Option<Self> {
        let quotient = self.factor.checked_div(other.factor)?;
        let is_exact = quotient.checked_mul(other.factor)? == self.factor;
        match (self.symbol, other.symbol) {
            (None, None) => Some(Self::known(quotient)),
            (one, None) if is_exact => Some(Self::new(quotient, one)),
            (one, other) if one == other && is_exact => Some(Self::known(quotient)),
            _ => None,
        }
    }

    /// Whether both are the same number, if that can be told.
    pub fn equals(self, other: Self) -> Option<bool> {
        if self == other {
            return Some(true);
        }
        match (self.symbol, other.symbol) {
            (None, None) => Some(false),
            // A symbol is at least 1, so its multiples have the sign of the factor and at least its size.
            (Some(_), None) if beyond(self.factor, other.factor) => Some(false),
            (None, Some(_)) if beyond(other.factor, self.factor) => Some(false),
            (one, other) if one == other => Some(false),
            _ => None,
        }
    }
}

/// Whether no multiple of `factor` by 1 or more is `value`.
const fn beyond(factor: i64, value: i64) -> bool {
    (factor > 0 && value < factor) || (factor < 0 && value > factor)
}

/// The product of all.
pub fn product(amounts: &[Amount]) -> Option<Amount> {
    amounts.iter().try_fold(Amount::known(1), |product, &amount| product.times(amount))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROWS: Amount = Amount::open(Symbol(0));

    fn rows(factor: i64) -> Amount {
        Amount { factor, ..ROWS }
    }

    #[test]
    fn computes_with_one_unknown_factor() {
        assert_eq!(rows(2).plus(rows(3)), Some(rows(5)));
        assert_eq!(rows(2).plus(rows(-2)), Some(Amount::known(0)));
        assert_eq!(rows(2).plus(Amount::known(1)), None);
        assert_eq!(rows(2).times(Amount::known(3)), Some(rows(6)));
        assert_eq!(rows(2).times(Amount::known(0)), Some(Amount::known(0)));
        assert_eq!(rows(2).times(ROWS), None);
        assert_eq!(rows(6).over(Amount::known(3)), Some(rows(2)));
        assert_eq!(rows(6).over(Amount::known(4)), None);
        assert_eq!(rows(6).over(rows(3)), Some(Amount::known(2)));
        assert_eq!(Amount::known(-7).over(Amount::known(2)), Some(Amount::known(-3)));
        assert_eq!(ROWS.over(Amount::known(0)), None);
    }

    #[test]
    fn tells_apart_only_what_never_meets() {
        assert_eq!(ROWS.equals(Amount::known(-1)), Some(false));
        assert_eq!(ROWS.equals(Amount::known(1)), None);
        assert_eq!(rows(2).equals(Amount::known(1)), Some(false));
        assert_eq!(rows(2).equals(ROWS), Some(false));
        assert_eq!(ROWS.equals(ROWS), Some(true));
        assert_eq!(ROWS.equals(Amount::open(Symbol(1))), None);
    }
}
