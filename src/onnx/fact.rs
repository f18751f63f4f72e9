//! What is known of a value before the graph runs.

use super::{
    amount::{Amount, product},
    proto::Tensor,
};

/// More elements than this are weights, not arithmetic with shapes.
pub(super) const MOST_ELEMENTS: usize = 1024;

/// Elements that are known.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Elements {
    /// Whole numbers and truth values.
    Ints(Vec<Amount>),
    /// 32-bit floats.
    Floats(Vec<f32>),
}

impl Elements {
    /// How many.
    pub(super) const fn len(&self) -> usize {
        match self {
            Self::Ints(values) => values.len(),
            Self::Floats(values) => values.len(),
        }
    }

    /// The ones at these places.
    pub(super) fn pick(&self, places: impl Iterator<Item = usize>) -> Option<Self> {
        match self {
            Self::Ints(values) => places.map(|at| values.get(at).copied()).collect::<Option<_>>().map(Self::Ints),
            Self::Floats(values) => places.map(|at| values.get(at).copied()).collect::<Option<_>>().map(Self::Floats),
        }
    }
}

/// What is known of one value.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Fact {
    /// What its elements are, by the format's number.
    pub(super) element: Option<i32>,
    /// Its extents.
    pub(super) shape: Option<Vec<Amount>>,
    /// The elements themselves.
    pub(super) elements: Option<Elements>,
}

impl Fact {
    /// Of a value of this shape, about which no more is known.
    pub(super) const fn of_shape(element: Option<i32>, shape: Option<Vec<Amount>>) -> Self {
        Self { element, shape, elements: None }
    }

    /// Of an initialiser or constant.
    pub(super) fn of_tensor(tensor: &Tensor) -> Self {
        let shape: Vec<Amount> = tensor.dims.iter().map(|&extent| Amount::known(extent)).collect();
        let is_small = product(&shape)
            .and_then(Amount::plain)
            .and_then(|len| usize::try_from(len).ok())
            .is_some_and(|len| len <= MOST_ELEMENTS);
        let elements = if is_small { elements(tensor) } else { None };
        Self { element: tensor.data_type, shape: Some(shape), elements }
    }

    /// The whole numbers, if all are known up to a symbol.
    pub(super) fn ints(&self) -> Option<&[Amount]> {
        match &self.elements {
            Some(Elements::Ints(values)) => Some(values),
            _ => None,
        }
    }

    /// The whole numbers, if all are known.
    pub(super) fn plain_ints(&self) -> Option<Vec<i64>> {
        self.ints()?.iter().map(|value| value.plain()).collect()
    }

    /// How many axes it has.
    pub(super) fn rank(&self) -> Option<usize> {
        self.shape.as_ref().map(Vec::len)
    }

    /// The value as an initialiser, if all of it is known.
    pub(super) fn tensor(&self, name: &str) -> Option<Tensor> {
        let dims = self.shape.as_ref()?.iter().map(|extent| extent.plain()).collect::<Option<Vec<_>>>()?;
        match self.elements.as_ref()? {
            Elements::Floats(values) => Some(Tensor::of_floats(name, &dims, values)),
            Elements::Ints(_) => {
                let values = self.plain_ints()?;
                let element = self.element?;
                let bytes = match element {
                    Tensor::INT64 => values.iter().flat_map(|value| value.to_le_bytes()).collect(),
                    Tensor::INT32 => {
                        let narrow: Result<Vec<i32>, _> = values.iter().map(|&value| value.try_into()).collect();
                        narrow.ok()?.iter().flat_map(|value| value.to_le_bytes()).collect()
                    }
                    Tensor::BOOL => values.iter().map(|&value| u8::from(value != 0)).collect(),
                    _ => return None,
                };
                Some(Tensor::of_bytes(name, &dims, element, bytes))
            }
        }
    }
}

fn elements(tensor: &Tensor) -> Option<Elements> {
    let len: i64 = tensor.dims.iter().product();
    let elements = match tensor.ints() {
        Some(values) => Elements::Ints(values.into_iter().map(Amount::known).collect()),
        None => Elements::Floats(tensor.floats()?),
    };
    (elements.len() as i64 == len).then_some(elements)
}
