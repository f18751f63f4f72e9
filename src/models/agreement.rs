//! Whether two ways to run a graph give the same.

use super::{Tensor, TensorData};

/// How far outputs are from others: the root of the mean square of their differences, relative to that of the others. None if
/// they are not of the same names, shapes and of floats, or if not all of them are numbers.
pub fn difference(outputs: &[Tensor], reference: &[Tensor]) -> Option<f32> {
    if outputs.len() != reference.len() || outputs.is_empty() {
        return None;
    }
    let (mut differing, mut all) = (0.0, 0.0);
    for (output, reference) in outputs.iter().zip(reference) {
        let (TensorData::F32(values), TensorData::F32(wanted)) = (&output.data, &reference.data) else { return None };
        if output.name != reference.name || values.len() != wanted.len() {
            return None;
        }
        for (value, wanted) in values.iter().zip(wanted) {
            differing += f64::from(value - wanted).powi(2);
            all += f64::from(*wanted).powi(2);
        }
    }
    let difference = (differing / all).sqrt() as f32;
    difference.is_finite().then_some(difference)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outputs(values: &[f32]) -> Vec<Tensor> {
        vec![Tensor::f32("noise", [values.len()], values.to_vec())]
    }

    #[test]
    fn is_told_relative_to_the_reference() {
        let reference = outputs(&[3.0, -4.0]);
        assert_eq!(difference(&reference, &reference), Some(0.0));
        let apart = difference(&outputs(&[3.0, -4.5]), &reference).unwrap();
        assert!((apart - 0.1).abs() < 1e-6, "{apart}");
    }

    #[test]
    fn what_is_no_number_or_something_else_has_none() {
        let reference = outputs(&[1.0, 2.0]);
        assert_eq!(difference(&outputs(&[1.0, f32::NAN]), &reference), None);
        assert_eq!(difference(&outputs(&[f32::INFINITY, 2.0]), &reference), None);
        assert_eq!(difference(&outputs(&[1.0]), &reference), None);
        assert_eq!(difference(&outputs(&[0.0, 0.0]), &outputs(&[0.0, 0.0])), None);
        assert_eq!(difference(&[Tensor::f32("other", [2], vec![1.0, 2.0])], &reference), None);
        assert_eq!(difference(&[], &[]), None);
        assert_eq!(difference(&[Tensor::i64("noise", [2], vec![1, 2])], &reference), None);
    }
}
