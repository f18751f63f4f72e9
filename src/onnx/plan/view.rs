//! Values seen with other extents and in another order, without being moved.

use super::Operand;

/// More axes than this no kernel takes.
pub const MOST_AXES: usize = 8;

/// Some elements of an operand: the one at `places` is number `offset + sum(places * strides)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    /// What it is of.
    pub operand: Operand,
    /// The number of the first element.
    pub offset: usize,
    /// Extents.
    pub shape: Vec<usize>,
    /// How far apart neighbours along each axis are; 0 where all are the same.
    pub strides: Vec<usize>,
}

/// How far apart neighbours are if all elements lie one after another.
pub(super) fn packed(shape: &[usize]) -> Vec<usize> {
    (0..shape.len()).map(|at| shape[at + 1..].iter().product()).collect()
}

impl View {
    /// All of an operand, one element after another.
    pub fn whole(operand: Operand, shape: &[usize]) -> Self {
        Self { operand, offset: 0, shape: shape.to_vec(), strides: packed(shape) }
    }

    /// How many elements.
    pub fn len(&self) -> usize {
        self.shape.iter().product()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether elements lie one after another.
    pub fn is_packed(&self) -> bool {
        let expected = packed(&self.shape);
        let extents = self.shape.iter().zip(self.strides.iter().zip(&expected));
        extents.filter(|(extent, _)| **extent != 1).all(|(_, (stride, expected))| stride == expected)
    }

    /// Whether it is all of an operand in its order.
    pub(super) fn is_whole(&self, len: usize) -> bool {
        self.offset == 0 && self.len() == len && self.is_packed()
    }

    /// Whether it is all of an operand of so many elements, though its axes may come in another order.
    pub(super) fn is_all(&self, len: usize) -> bool {
        self.offset == 0 && self.len() == len && self.ordered().is_some()
    }

    /// The order of axes in which elements lie one after another, if there is one.
    pub(super) fn ordered(&self) -> Option<Vec<usize>> {
        let mut order: Vec<usize> = (0..self.shape.len()).collect();
        // Where they are 1 axes may be anywhere.
        order.sort_by_key(|&axis| std::cmp::Reverse((self.shape[axis] > 1, self.strides[axis])));
        self.permuted(&order).filter(Self::is_packed).map(|_| order)
    }

    /// The same of a new operand in which elements lie in the same order.
    pub(super) fn alike(&self, operand: Operand) -> Option<Self> {
        let order = self.ordered()?;
        let extents: Vec<usize> = order.iter().map(|&axis| self.shape[axis]).collect();
        let mut strides = vec![0; order.len()];
        for (&axis, stride) in order.iter().zip(packed(&extents)) {
            strides[axis] = stride;
        }
        Some(Self { operand, offset: 0, shape: self.shape.clone(), strides })
    }

    /// With axes in another order.
    pub(super) fn permuted(&self, order: &[usize]) -> Option<Self> {
        let pick = |of: &[usize]| order.iter().map(|&axis| of.get(axis).copied()).collect::<Option<Vec<_>>>();
        Some(Self { shape: pick(&self.shape)?, strides: pick(&self.strides)?, ..self.clone() })
    }

    /// Of another shape with as many elements, if nothing has to be moved for that.
    pub(super) fn reshaped(&self, shape: &[usize]) -> Option<Self> {
        if self.is_packed() {
            return Some(Self { shape: shape.to_vec(), strides: packed(shape), ..self.clone() });
        }
        // Axes are taken from both sides until as many elements are in both: those of one group must lie evenly.
        let mut strides = Vec::with_capacity(shape.len());
        let mut own = self.shape.iter().copied().zip(self.strides.iter().copied()).filter(|&(extent, _)| extent != 1);
        let mut wanted = shape.iter().copied().peekable();
        while let Some(&first) = wanted.peek() {
            if first == 1 {
                strides.push(0);
                wanted.next();
                continue;
            }
            let (mut own_len, mut stride) = own.next()?;
            let mut extents = Vec::new();
            let mut len = 1;
            while len != own_len {
                if len < own_len {
                    let extent = wanted.next()?;
                    len *= extent;
                    extents.push(extent);
                } else {
                    let (extent, next) = own.next()?;
                    if stride != next * extent {
                        return None;
                    }
                    (own_len, stride) = (own_len * extent, next);
                }
            }
            strides.extend(packed(&extents).into_iter().map(|place| place * stride));
        }
        Some(Self { shape: shape.to_vec(), strides, ..self.clone() })
    }

    /// A part along one axis.
    pub(super) fn cut(&self, axis: usize, start: usize, step: usize, count: usize) -> Self {
        let mut part = self.clone();
        part.offset += start * self.strides[axis];
        part.shape[axis] = count;
        part.strides[axis] *= step;
        part
    }

    /// Repeated along axes of extent 1 or that are not there, as broadcasting has it.
    pub(super) fn broadcast(&self, shape: &[usize]) -> Option<Self> {
        let missing = shape.len().checked_sub(self.shape.len())?;
        let mut strides = vec![0; missing];
        for ((&own, &stride), &wanted) in self.shape.iter().zip(&self.strides).zip(shape.get(missing..)?) {
            strides.push(match own {
                _ if own == wanted => stride,
                1 => 0,
                _ => return None,
            });
        }
        Some(Self { shape: shape.to_vec(), strides, ..self.clone() })
    }
}

/// Extents, and strides of each of several views of that shape, with as few axes as possible.
pub fn joined(shape: &[usize], views: &[&View]) -> (Vec<usize>, Vec<Vec<usize>>) {
    let mut extents: Vec<usize> = Vec::new();
    let mut strides: Vec<Vec<usize>> = vec![Vec::new(); views.len()];
    for (axis, &extent) in shape.iter().enumerate() {
        if extent == 1 {
            continue;
        }
        let is_next = extents.last().is_some()
            && strides
                .iter()
                .zip(views)
                .all(|(strides, view)| strides.last().is_some_and(|&outer| outer == view.strides[axis] * extent));
        if is_next && let Some(last) = extents.last_mut() {
            *last *= extent;
            strides.iter_mut().zip(views).for_each(|(strides, view)| {
                if let Some(last) = strides.last_mut() {
                    *last = view.strides[axis];
                }
            });
        } else {
            extents.push(extent);
            strides.iter_mut().zip(views).for_each(|(strides, view)| strides.push(view.strides[axis]));
        }
    }
    (extents, strides)
}
