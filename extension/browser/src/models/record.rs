//! Whether what is played again is what would be computed.

use brushaway::{
    models::{InferError, Session, Tensor, difference},
    onnx::RewriteError,
};

use super::OrtSession;

/// What is played again may differ by as much from what was recorded, relative to its size.
pub(super) const SAME: f32 = 1e-4;

/// Why a graph is not played from a record.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotRecorded {
    #[error("it was not rewritten")]
    NotRewritten,
    #[error(transparent)]
    Malformed(#[from] RewriteError),
    #[error(transparent)]
    Refused(#[from] InferError),
    #[error("played again it gave something else")]
    Differs,
    #[error("played again it gave the same for other inputs")]
    Deaf,
}

/// A session's answers to all inputs.
pub(super) async fn answers(
    session: &mut impl Session,
    inputs: &[Vec<Tensor>],
) -> Result<Vec<Vec<Tensor>>, InferError> {
    let mut answers = Vec::with_capacity(inputs.len());
    for inputs in inputs {
        answers.push(session.run(inputs.clone()).await?);
    }
    Ok(answers)
}

/// Records a session's run and plays it, and gives its answers to all inputs, of which there must be two that it answers to
/// differently at least.
pub(super) async fn tried(session: &mut OrtSession, inputs: &[Vec<Tensor>]) -> Result<Vec<Vec<Tensor>>, NotRecorded> {
    let answers = answers(session, inputs).await?;
    let ([recorded, others @ ..], [first, ..]) = (answers.as_slice(), inputs) else { return Ok(answers) };
    let again = Session::run(session, first.clone()).await?;
    if difference(&again, recorded).is_none_or(|apart| apart > SAME) {
        return Err(NotRecorded::Differs);
    }
    // The first alone could come from a record that reads what it was made with.
    if others.iter().all(|other| difference(other, recorded).is_some_and(|apart| apart <= SAME)) {
        return Err(NotRecorded::Deaf);
    }
    Ok(answers)
}
